# devkeys for fish: a typed secret stays out of the history, a word at cd, and completions.
set -g _devkeys_version 0.1.0
#
# Source this file from config.fish, or: devkeys hook fish | source
# DEVKEYS_HOOK=off makes all of it inert; before a command, it records that one on purpose.
#
# Only built-ins look at what is typed; `devkeys` is asked about a command that may hold a
# secret, and what it cannot say is kept out. fish 4 asks fish_should_add_to_history about every
# command. fish 3 asks nobody: there the Enter key looks at the command first and has the
# suspicious one remembered in memory only, as in private mode, and never written. What comes to
# be run by another way than these is deleted before it runs.
if status is-interactive

    # The tables and patterns are those of suspicion.py; it says what they are for. Quoted as
    # fish quotes: in single quotes, `\\` is one backslash and `\'` is a quote.
    set -l parts key token secret pass pwd cred dsn salt pepper psk hmac cookie webhook bearer \
        jwt mnemonic bindpw connection_string connection-string conn_string conn-string \
        connectionstring service_account_json service-account-json recovery_codes \
        recovery-codes seed_phrase seed-phrase basic_auth basic-auth browser_auth browser-auth \
        session ksm_config
    set -l words pw iv pat sas
    set -l databases database db redis mongo mongodb postgres postgresql pg mysql mariadb \
        sqlalchemy amqp rabbitmq cloudamqp broker jdbc cloudinary smtp email mail mailer valkey
    set -l programs mysql mariadb mycli sshpass redis-cli valkey-cli mongo ldap smbclient \
        rpcclient smbget 7z rar unrar zip unzip mosquitto_ sqlcmd bcp htpasswd openssl xfreerdp \
        wlfreerdp security rclone nmcli wpa_passphrase lftp sqlplus ssh-keygen rabbitmqctl \
        mkpasswd ansible-vault cmdkey
    set -l logins docker podman nerdctl buildah skopeo helm oras crane az twine vault bao bw \
        cargo wandb snyk ngrok doctl glab
    set -l clients curl http https xh xhs
    set -l keepers gh vault bao doppler infisical fly flyctl aws az eas pulumi
    set -l sinks devkeys sudo gh wrangler vercel docker podman chpasswd passwd pass gopass \
        passage secret-tool gcloud
    set -l prefixes sk- gsk_ hf_ r8_ xai- pplx- nvapi- csk- fw_ tvly- pcsk_ lsv2_ e2b_ AIza ya29. \
        GOCSPX- AKIA ASIA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glptt- glcbt- \
        glft- glimt- glagent- gloas- ATBB ATATT3 ATCTT3 xoxb- xoxp- xoxa- xoxs- xoxr- xoxe- \
        xoxe. xapp- hooks.slack.com/ sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sq0csp- sq0atp- \
        SG. key- xkeysib- xsmtpsib- re_ npm_ pypi- rubygems_ dckr_pat_ dckr_oat_ dop_v1_ doo_v1_ \
        dor_v1_ shpat_ shpss_ shpca_ shppa_ hvs. hvb. hvr. dp.pt. dp.st. dp.ct. dp.sa. dp.scim. \
        ops_eyJ lin_api_ ntn_ secret_ figd_ PMAK- NRAK- glsa_ glc_ sntrys_ sntryu_ dapi pul- \
        sbp_ sb_secret_ pscale_tkn_ pscale_pw_ pscale_oauth_ fo1_ fm2_ nfp_ tskey- pat-na1- \
        pat-eu1- sk.eyJ CFPAT- CCIPAT_ bkua_ sgp_ HRKU- AGE-SECRET-KEY- eyJ AccountKey=
    set -l infixes /api/webhooks/ :AA 'PRIVATE KEY-----' .atlasv1. 8Q~
    set prefixes (string escape --style=regex -- $prefixes | string join '|')
    set infixes (string escape --style=regex -- $infixes | string join '|')
    for table in parts words databases programs logins clients keepers sinks
        set $table (string join '|' $$table)
    end

    set -l tail '[a-z0-9_-]*'
    set -l name "(?:(?:$parts)$tail|(?:^|[^a-z0-9])(?:$words)(?:[_-]$tail)?|(?:$databases)[_-]?ur[il]s?$tail)"
    set -l close '["\'`\\\\]*[])}]*[ \t]*'
    set -l quotes '[ \t\n\\\\"@]*'
    set -l value '(?:[^]=~>) \t\n"$`(;|&<\\\\-]|["\\\\][]=~>)(;|&<-]|[$][^a-z_{( \t\n]|[\\\\][$]' \
        '[=~][a-z0-9]|[$][a-z_][a-z0-9_.:]*[^] \t\n"\';|&)}a-z0-9_.:]|[$][{][^}]*[}][^] \t\n"\';|&)}])'
    set value (string join '|' $value)
    set -l sets '(?<![a-z0-9_])(?:set[a-z-]*|put|add|new-[a-z]+)'
    set -g _devkeys_parts $parts
    set -g _devkeys_sets "(?i)$sets"'[ \t]'
    set -g _devkeys_sign $close'(?:[+?:]?=|:)'
    set -g _devkeys_gives "(?i)[a-z0-9_]$_devkeys_sign|$sets"'[ \t]'
    # A name that may be secret; where it is given a value; where a value follows it.
    set -g _devkeys_named "(?i)$parts|ur[il]|(?<![a-z0-9])(?:$words)"
    set -g _devkeys_assigned "(?i)$name(?:"$_devkeys_sign$quotes'(?:'$value'|-)|["\'][ \t]*,[ \t]*["\'])'
    set -g _devkeys_followed "(?is)(?:(?:$sets(?:[ \t].*)?|(?<![a-z0-9_-])-$tail)$name" \
        "(?<![a-z0-9_-])-(?:$words)(?:[_-]$tail)?)"'["\']?[ \t](?:[ \t]*-value[ \t])?'$quotes$value
    set _devkeys_followed (string join '|' $_devkeys_followed)
    # What needs no name: headers, URLs, SQL, programs, pipes.
    set -g _devkeys_told '(?is)authorization|bearer[ \t]|cookie:|://[^/ \t\n"\'<>]*@' \
        '(?:password|identified[ \t]+by)[ \t]+[\\\\"]*\'|securestring[ \t]|machine[ \t].*password[ \t]' \
        "(?<![a-z0-9_.-])(?:(?:$programs)[a-z0-9_.-]*[ \t]" \
        "(?:$logins)(?:[.]exe)?[ \t].*(?:login|upload|auth|unlock|unseal)" \
        "(?:$clients)(?:[.]exe)?[ \t](?:.*[ \t\n])?-(?:-[a-z-]*user|-auth|[a-z]*[ua])" \
        "(?:$keepers)(?:[.]exe)?[ \t].*(?:secret|=|-value))" \
        '[|](?:[^|]*[^a-z0-9_-])?(?:'$sinks')(?:[^a-z0-9_-]|$)' \
        '<[<(]|-(?:stdin|fd|with-token)(?:[^a-z0-9-]|$)'
    set -g _devkeys_told (string join -- '|' $_devkeys_told)
    # A key of a known format. A long word is looked for first: to compile the formats takes fish
    # longer than to look for them.
    set -l word '[A-Za-z0-9_./+=-]'
    set -l border '(?:^|[^A-Za-z0-9]|\\\\[nrt]|[0-9]m|%[0-9A-Fa-f]{2}|\\\\[ux][0-9A-Fa-f]+)'
    set -g _devkeys_long "$word{12}|$infixes"
    set -g _devkeys_format "$border(?=$word{12})(?:$prefixes)$word{10}|$infixes"

    set -g _devkeys_state $HOME/.local/state/devkeys
    if test -f /System/Library/CoreServices/SystemVersion.plist
        set -g _devkeys_state "$HOME/Library/Application Support/devkeys"
    else if string match -q '/*' -- "$XDG_STATE_HOME"
        set -g _devkeys_state $XDG_STATE_HOME/devkeys
    end

    # Succeed if $text may hold a secret.
    function _devkeys_suspicious --argument-names text
        # Python's limit is 16384; from 2048 on, fish's patterns could take too long.
        string match -qr -- '(?s)^.{2048}' $text
        and return 0
        string match -qr -- $_devkeys_told $text
        and return 0
        if string match -qr -- $_devkeys_named $text
            string match -qr -- $_devkeys_followed $text
            and return 0
            string match -qr '[=:,]' -- $text
            and string match -qr -- $_devkeys_assigned $text
            and return 0
        end
        string match -qr -- $_devkeys_long $text
        and string match -qr -- $_devkeys_format $text
        and return 0
        string match -qr -- $_devkeys_gives $text
        and _devkeys_gives_declared $text
    end

    # Succeed if $text may give a value to a name of the index.
    function _devkeys_gives_declared --argument-names text
        set -l index $_devkeys_state/shell-index
        test -f $index -a -r $index
        or return 1
        set -l given "(?=$_devkeys_sign)"
        string match -qr -- $_devkeys_sets $text
        and set given ''
        set -l names
        string match -qar -- "(?<names>[A-Za-z_][A-Za-z0-9_]*)$given" $text
        or return 1
        set -l either $names[1]
        for name in $names[2..-1]
            set either "$either|$name"
        end
        string match -qr -- "^name (?:$either)\$" <$index
    end

    # Succeed if $text is to be kept out unless devkeys says otherwise.
    function _devkeys_doubts --argument-names text
        test "$DEVKEYS_HOOK" != off
        and _devkeys_suspicious $text
        and not string match -qr -- '^\s*(?:var |\$)?DEVKEYS_HOOK *= *[\'"]?off[\'"]?(?:[ ;]|$)' $text
        or return 1
        # What begins with a space is not recorded, unless the user has other rules.
        not string match -q ' *' -- $text
        or functions -q _devkeys_users_should_add
    end

    # Ask devkeys about $text. Until it has said that the text may be recorded, _devkeys_why is
    # the line to be shown, so that Ctrl-C, or whatever ends this, keeps the text out.
    function _devkeys_ask --argument-names text
        set -g _devkeys_why 'devkeys: kept out of history: it may hold a secret (devkeys could not be asked)'
        set -l IFS \n
        set -lx PATH (string match '/*' -- $PATH) # what the current directory has is no devkeys
        command -q devkeys
        or return
        set -l answer (builtin printf %s $text | command devkeys hook check fish 2>/dev/null)
        switch $status
            case 0
                set -g _devkeys_why
            case 1
                string match -qr '^devkeys: [^\x00-\x1f\x7f]*$' -- "$answer[1]"
                and set -g _devkeys_why $answer[1]
        end
    end

    # Delete $argv from the history, in memory and on the disk, where the file is written anew:
    # without `save` only with the next command. Older equal ones go, too.
    function _devkeys_delete
        builtin history delete --exact --case-sensitive -- $argv (string trim --right --chars=' ' -- $argv[1] | string collect)
        builtin history save
    end

    # Record $text, which was deleted. fish 3 has no words for it: its file gets the entry.
    function _devkeys_put_back --argument-names text
        if not string match -q '3.*' -- $version
            functions -q fish_should_add_to_history # whoever's it is
            and not fish_should_add_to_history $text >/dev/null
            or builtin history append -- $text
            return
        end
        set -l session fish
        set -q fish_history
        and test "$fish_history" != default
        and set session $fish_history
        set -l file $__fish_user_data_dir/"$session"_history
        test -n "$session" -a -z "$fish_private_mode" -a -f "$file" -a -w "$file"
        or return
        set text (string replace -a \\ \\\\ -- $text | string replace -a \n '\\n' | string collect)
        builtin printf '%s\n  when: %s\n' "- cmd: $text" (command date +%s) >>$file
    end

    # What the Enter key of fish 3 does, instead of `execute`. The command runs even if what
    # stands behind `execute` here is broken off: that one only gets into a queue.
    function _devkeys_enter
        builtin commandline -f execute
        set -q _devkeys_at_prompt # and not at a question of `read`
        or return
        set -l IFS '' # no splitting, and no pipe to `string collect`
        set -l text (builtin commandline -b)
        test "$fish_private_mode" = devkeys
        and set -eg fish_private_mode
        test -n "$fish_private_mode"
        and return
        set -g _devkeys_text "$text"
        set -g _devkeys_why
        _devkeys_doubts "$text"
        or return
        builtin commandline --is-valid 2>/dev/null
        test $status = 2 # goes on in the next line
        and return
        set -g fish_private_mode devkeys
        _devkeys_ask $text
        test -n "$_devkeys_why"
        or set -eg fish_private_mode
    end

    # Tell fish 4 whether $argv[1] is to be recorded.
    function _devkeys_should_add
        set -g _devkeys_text $argv[1]
        set -g _devkeys_why
        _devkeys_doubts $argv[1]
        and _devkeys_ask $argv[1]
        test -n "$_devkeys_why"
        and return 1
        if functions -q _devkeys_users_should_add
            _devkeys_users_should_add $argv
            return
        end
        not string match -q ' *' -- $argv[1]
    end

    # Look at $text if it is not what was looked at before: fish has recorded it, because somebody
    # took the key, or the function. It is deleted first, and put back if it may stay.
    function _devkeys_look_again --argument-names text
        # fish records no spaces at the end.
        set -l bare (string trim --right --chars=' ' -- $text | string collect)
        test "$_devkeys_text" = "$bare"
        and return
        set -g _devkeys_settle
        set -g _devkeys_why
        _devkeys_doubts $text
        or return
        _devkeys_delete $text
        _devkeys_ask $text
        test -n "$_devkeys_why"
        or _devkeys_put_back $bare
    end

    # Succeed if the command $text, which is about to run, stays out of the history; say so, once.
    function _devkeys_preexec --on-event fish_preexec --argument-names text
        if set -q _devkeys_at_prompt
            set -eg _devkeys_at_prompt
            test "$fish_private_mode" = devkeys
            and set -eg fish_private_mode
            if test "$_devkeys_text" != "$text"
                _devkeys_look_again $text
            else if test -n "$_devkeys_why"; and string match -q '3.*' -- $version
                _devkeys_delete $text
            end
            test -n "$_devkeys_why"
            and builtin printf '%s\n' $_devkeys_why >&2
        end
        test -n "$_devkeys_why"
    end

    function _devkeys_prompt --on-event fish_prompt
        # After a Ctrl-C at devkeys, fish runs the command, but no preexec.
        set -q _devkeys_at_prompt
        and test -n "$_devkeys_why"
        and builtin printf '%s\n' $_devkeys_why >&2
        test "$fish_private_mode" = devkeys
        and set -eg fish_private_mode
        set -g _devkeys_at_prompt
        set -g _devkeys_text
        set -g _devkeys_why
        set -q _devkeys_settle
        and _devkeys_settle
        test "$PWD" = "$_devkeys_pwd"
        and return
        test -n "$_devkeys_pwd" -o "$DEVKEYS_HOOK" = off
        or _devkeys_compare
        set -g _devkeys_pwd $PWD
        test "$DEVKEYS_HOOK" != off
        and _devkeys_arrive
    end

    # Take the places that others may have taken since this file was read: at the first prompt.
    function _devkeys_settle
        set -eg _devkeys_settle
        if string match -q '3.*' -- $version
            builtin bind --preset | string replace -rf '^(bind --preset .+) execute(?: repaint-mode)?$' '$1 _devkeys_enter' | source
        else if not functions fish_should_add_to_history 2>/dev/null | string match -q '*_devkeys_*'
            if functions -q fish_should_add_to_history
                functions --erase _devkeys_users_should_add
                functions --copy fish_should_add_to_history _devkeys_users_should_add
            end
            function fish_should_add_to_history
                _devkeys_should_add $argv
            end
        end
        # atuin records by itself.
        if functions -q _atuin_preexec; and not functions _atuin_preexec | string match -q '*_devkeys_*'
            functions --erase _devkeys_atuin_preexec
            functions --copy _atuin_preexec _devkeys_atuin_preexec
            function _atuin_preexec --on-event fish_preexec
                if _devkeys_preexec $argv[1]
                    set -eg ATUIN_HISTORY_ID
                else
                    _devkeys_atuin_preexec $argv
                end
            end
        end
    end
    set -g _devkeys_settle

    function _devkeys_new_keys --on-variable fish_key_bindings
        set -g _devkeys_settle
    end

    # Say that this hook is not of the devkeys that wrote the index: after an upgrade.
    function _devkeys_compare
        set -l index $_devkeys_state/shell-index
        set -l IFS \n
        set -l head
        test -f $index -a -r $index; and read head <$index
        or return
        set -l other (string match -r -- '^devkeys-index 1 ([\w.+-]+)$' $head)[2]
        or return
        test "$other" = "$_devkeys_version"
        or builtin printf 'devkeys: this hook is of %s, devkeys is %s (devkeys hook install)\n' \
            $_devkeys_version $other >&2
    end

    # Say a word about the checkout of the current directory, if its secrets are not all there.
    function _devkeys_arrive
        set -l known "$_devkeys_place"
        set -g _devkeys_place
        set -l place (builtin pwd -P | string collect)
        set -l home (builtin realpath -- $HOME 2>/dev/null | string collect)
        while not test -e $place/.env.example
            test -e $place/.git -o -z "$place" -o "$place" = "$home"
            and return
            set place (string replace -r '/[^/]*$' '' -- $place | string collect)
        end
        set -g _devkeys_place $place
        test "$place" = "$known"
        or string match -q "*"\n"*" -- $place
        and return
        set -l IFS \n
        set -l index $_devkeys_state/shell-index
        set -l lack
        set -l head
        if test -f $index -a -r $index; and read head <$index; and string match -q 'devkeys-index 1 *' -- $head
            set lack (string match -r -- '^checkout (\d+) (\d+) '(string escape --style=regex -- $place)'$' <$index)
        end
        if set -q lack[3]
            test $lack[2] -gt 0
            and _devkeys_say_once "$lack[2] $lack[3] $place" "$lack[2] of $lack[3] secrets missing"
        else if _devkeys_asks_for_secrets $place/.env.example
            _devkeys_say_once "? ? $place" ".env.example asks for secrets"
        end
    end

    # Succeed if one of the first 500 lines of $file names a secret.
    function _devkeys_asks_for_secrets --argument-names file
        test -f $file -a -r $file
        or return
        set -l count 0
        while test $count -lt 500; and read -l --nchars 1000 line
            string match -qr -- "(?i)^(?:export )?(?=[a-z_][a-z0-9_]*=)[a-z0-9_]*(?:$_devkeys_parts)" $line
            and return
            set count (math $count + 1)
        end <$file
        return 1
    end

    # Say $words, unless that was said about $state before, by whatever shell.
    function _devkeys_say_once --argument-names state words
        contains -- $state $_devkeys_said
        and return
        set -ga _devkeys_said $state
        set -l said $_devkeys_state/shell-said
        if test -f $said -a -r $said
            string match -qr -- '^'(string escape --style=regex -- $state)'$' <$said
            and return
        end
        if test -f $said -a -w $said
            or test ! -e $said -a -d $_devkeys_state -a -w $_devkeys_state
            builtin printf '%s\n' $state >>$said
        end
        builtin printf 'devkeys: %s (devkeys init)\n' $words >&2
    end

    # Offer what devkeys itself offers; where it offers nothing, files.
    function _devkeys_complete
        set -l IFS \n
        set -l offers (_DEVKEYS_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS=(builtin commandline -cp | string collect) command devkeys 2>/dev/null)
        if set -q offers[1]
            builtin printf '%s\n' $offers
        else
            __fish_complete_path (builtin commandline -ct)
        end
    end
    complete --command devkeys --erase
    complete --command devkeys --no-files --arguments '(_devkeys_complete)'
end

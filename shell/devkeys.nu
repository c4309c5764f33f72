# devkeys for nushell: a typed secret stays out of the history, a word at cd, and completions.
# A module, so that nothing but its own name is added to what can be typed.
module _devkeys {
    const _devkeys_version = "0.1.0"
    #
    # Put `source "<path of this file>"` at the end of config.nu.
    # DEVKEYS_HOOK=off makes all of it inert; before a command, it records that one on purpose.
    #
    # Only built-ins look at what is typed; `devkeys` is asked about a command that may hold a
    # secret, and what it cannot say is kept out. nushell leaves out of its history what begins
    # with a space. So the Enter key opens a menu first, whose one entry stands before the line and
    # is either nothing or a space; it is taken at once and never seen. Enter then does what it did.
    # (A key that runs a command would draw the prompt anew and run all hooks, each time.)

    # The tables and patterns are those of suspicion.py; it says what they are for.
    const parts = ("key token secret pass pwd cred dsn salt pepper psk hmac cookie webhook bearer
        jwt mnemonic bindpw connection_string connection-string conn_string conn-string
        connectionstring service_account_json service-account-json recovery_codes recovery-codes
        seed_phrase seed-phrase basic_auth basic-auth browser_auth browser-auth session ksm_config"
        | str replace --all --regex '\s+' '|')
    const words = "pw|iv|pat|sas"
    const databases = ("database db redis mongo mongodb postgres postgresql pg mysql mariadb
        sqlalchemy amqp rabbitmq cloudamqp broker jdbc cloudinary smtp email mail mailer valkey"
        | str replace --all --regex '\s+' '|')
    const programs = ("mysql mariadb mycli sshpass redis-cli valkey-cli mongo ldap smbclient
        rpcclient smbget 7z rar unrar zip unzip mosquitto_ sqlcmd bcp htpasswd openssl xfreerdp
        wlfreerdp security rclone nmcli wpa_passphrase lftp sqlplus ssh-keygen rabbitmqctl
        mkpasswd ansible-vault cmdkey" | str replace --all --regex '\s+' '|')
    const logins = ("docker podman nerdctl buildah skopeo helm oras crane az twine vault bao bw
        cargo wandb snyk ngrok doctl glab" | str replace --all --regex '\s+' '|')
    const clients = "curl|http|https|xh|xhs"
    const keepers = "gh|vault|bao|doppler|infisical|fly|flyctl|aws|az|eas|pulumi"
    const sinks = ("devkeys sudo gh wrangler vercel docker podman chpasswd passwd pass gopass
        passage secret-tool gcloud" | str replace --all --regex '\s+' '|')
    const prefixes = ("sk- gsk_ hf_ r8_ xai- pplx- nvapi- csk- fw_ tvly- pcsk_ lsv2_ e2b_ AIza
        ya29. GOCSPX- AKIA ASIA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glptt-
        glcbt- glft- glimt- glagent- gloas- ATBB ATATT3 ATCTT3 xoxb- xoxp- xoxa- xoxs- xoxr-
        xoxe- xoxe. xapp- hooks.slack.com/ sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sq0csp-
        sq0atp- SG. key- xkeysib- xsmtpsib- re_ npm_ pypi- rubygems_ dckr_pat_ dckr_oat_ dop_v1_
        doo_v1_ dor_v1_ shpat_ shpss_ shpca_ shppa_ hvs. hvb. hvr. dp.pt. dp.st. dp.ct. dp.sa.
        dp.scim. ops_eyJ lin_api_ ntn_ secret_ figd_ PMAK- NRAK- glsa_ glc_ sntrys_ sntryu_ dapi
        pul- sbp_ sb_secret_ pscale_tkn_ pscale_pw_ pscale_oauth_ fo1_ fm2_ nfp_ tskey- pat-na1-
        pat-eu1- sk.eyJ CFPAT- CCIPAT_ bkua_ sgp_ HRKU- AGE-SECRET-KEY- eyJ AccountKey="
        | str replace --all "." '\.' | str replace --all --regex '\s+' '|')
    const infixes = ("/api/webhooks/|:AA|PRIVATE KEY-----|.atlasv1.|8Q~"
        | str replace --all "." '\.')

    const tail = "[a-z0-9_-]*"
    const names = ([
        "(?:(?:" $parts ")" $tail "|(?:^|[^a-z0-9])(?:" $words ")(?:[_-]" $tail ")?"
        "|(?:" $databases ")[_-]?ur[il]s?" $tail ")"
    ] | str join)
    const quotes = r#'[ \t\n\\"@]*'#
    const value = ([
        r#'(?:[^]=~>) \t\n"$`(;|&<\\-]|["\\][]=~>)(;|&<-]|[$][^a-z_{( \t\n]|[\\][$]'#
        r#'|[=~][a-z0-9]|[$][a-z_][a-z0-9_.:]*[^] \t\n"';|&)}a-z0-9_.:]'#
        r#'|[$][{][^}]*[}][^] \t\n"';|&)}])'#
    ] | str join)
    const setting = "(?:^|[^a-z0-9_])(?:set[a-z-]*|put|add|new-[a-z]+)"
    # NAME=value; set NAME value and --token value; headers; URLs; SQL; programs; pipes.
    const typed = ([
        "(?is)" $names r#'(?:["'`\\]*[])}]*[ \t]*(?:[+?:]?=|:)'# $quotes "(?:" $value "|-)"
        r#'|["'][ \t]*,[ \t]*["'])'#
        "|(?:(?:" $setting "(?:[ \t].*)?|(?:^|[^a-z0-9_-])-" $tail ")" $names
        "|(?:^|[^a-z0-9_-])-(?:" $words ")(?:[_-]" $tail ")?)"
        r#'["']?[ \t](?:[ \t]*-value[ \t])?'# $quotes $value
        r#'|authorization|bearer[ \t]|cookie:|://[^/ \t\n"'<>]*@'#
        r#'|(?:password|identified[ \t]+by)[ \t]+[\\"]*''#
        '|securestring[ \t]|machine[ \t].*password[ \t]'
        '|(?:^|[^a-z0-9_.-])(?:(?:' $programs ')[a-z0-9_.-]*[ \t]'
        '|(?:' $logins ')(?:[.]exe)?[ \t].*(?:login|upload|auth|unlock|unseal)'
        '|(?:' $clients ')(?:[.]exe)?[ \t](?:.*[ \t\n])?-(?:-[a-z-]*user|-auth|[a-z]*[ua])'
        '|(?:' $keepers ')(?:[.]exe)?[ \t].*(?:secret|=|-value))'
        '|[|](?:[^|]*[^a-z0-9_-])?(?:' $sinks ')(?:[^a-z0-9_-]|$)'
        '|(?:' $sinks ')[ \t].*<[<(]|-(?:stdin|fd|with-token)(?:[^a-z0-9-]|$)'
    ] | str join)
    # A key of a known format; here case counts.
    const format = ([
        '(?:^|[^A-Za-z0-9]|\\[nrt]|[0-9]m|%[0-9A-Fa-f][0-9A-Fa-f]|\\[ux][0-9A-Fa-f]+)(?:'
        $prefixes ")[A-Za-z0-9_./+=-]{10}|" $infixes
    ] | str join)
    const on_purpose = r#'^\s*(?:var |\$)?DEVKEYS_HOOK *= *['"]?off['"]?(?:[ ;]|$)'#
    const kept_out = "devkeys: kept out of history:"
    const mailbox = 7305 # marks our messages in the shell's own mailbox

    # Say whether the text may hold a secret.
    export def suspicious [text: string]: nothing -> bool {
        if ($text | str length) > 16384 { return true } # bytes: to count characters takes longer
        ($text =~ $typed) or ($text =~ $format) or (gives-declared $text)
    }

    # Say whether the text may give a value to a name of the index.
    def gives-declared [text: string]: nothing -> bool {
        let is_set = $text =~ ("(?i)" + $setting + "[ \t]")
        let given = if $is_set { "" } else { r#'["'`\\]*[])}]*[ \t]*(?:[+?:]?=|:)'# }
        if not $is_set and $text !~ "[=:]" { return false }
        let found = $text | parse --regex ('(?<name>[A-Za-z_][A-Za-z0-9_]*)' + $given)
        if ($found | is-empty) { return false }
        let lines = $found.name | uniq | each { $"name ($in)" }
        index | any { $in in $lines }
    }

    def state-dir []: nothing -> string {
        let home = $env.HOME? | default ""
        let xdg = $env.XDG_STATE_HOME? | default ""
        match $nu.os-info.name {
            "macos" => $"($home)/Library/Application Support"
            "windows" => ($env.LOCALAPPDATA? | default "")
            _ => (if ($xdg starts-with "/") { $xdg } else { $"($home)/.local/state" })
        } | path join devkeys
    }

    # Return the lines of this file of the state directory; none if it cannot be read.
    def lines-of [name: string]: nothing -> list<string> {
        let file = state-dir | path join $name
        try {
            if ($file | path type) == "file" { open --raw $file | decode utf-8 | lines } else { [] }
        } catch { [] }
    }

    def index []: nothing -> list<string> { lines-of shell-index }

    # Return what is to stand before the line: a space, so that it is not recorded, or nothing.
    def space-before [line: string]: nothing -> string {
        if ($line starts-with " ") or $env.DEVKEYS_HOOK? == "off" { return "" }
        if not (suspicious $line) or $line =~ $on_purpose { return "" }
        let why = ask $line
        if $why == null { return "" }
        $why | job send 0 --tag $mailbox
        " "
    }

    # Ask devkeys about the line; return why it is kept out, or nothing.
    def ask [line: string]: nothing -> any {
        # As a job: while a line is edited, nobody could stop a devkeys that hangs but the clock.
        let tag = random int 1000000000..2000000000
        # What the current directory has is not devkeys.
        let folders = $env.PATH? | default []
            | split row (char env_sep)
            | each { if ($in starts-with "~") { path expand --no-symlink } else { $in } }
            | where { $in =~ '^(?:[A-Za-z]:)?[/\\]' }
        let asked = job spawn {
            try {
                $line | with-env {PATH: $folders} { ^devkeys hook check nushell } | complete
            } catch {
                {exit_code: 127 stdout: ""}
            } | job send 0 --tag $tag
        }
        let answer = try {
            job recv --tag $tag --timeout 5sec
        } catch {
            {exit_code: 124 stdout: ""}
        }
        # Also when it has answered: `exit` would not end the shell before the job has ended.
        try { job kill $asked }
        if $answer.exit_code == 0 { return null }
        let said = try { $answer.stdout | lines | first } catch { "" }
        if $answer.exit_code == 1 and $said =~ '^devkeys: [^\x00-\x1f\x7f]*$' { return $said }
        $"($kept_out) it may hold a secret \(devkeys could not be asked\)"
    }

    # Return what was last found about a line, or nothing; after that it is forgotten.
    def take-why []: nothing -> any {
        let why = try { job recv --tag $mailbox --timeout 0sec } catch { return null }
        take-why | default $why
    }

    # Return the bindings that submit the line, the user's own and nushell's, with our menu first.
    def bindings []: nothing -> list<any> {
        let modes = keybindings default | get mode | append vi_normal | uniq
        let typing = $modes | where { $in !~ "normal|select" }
        let submits = '"(?i:enter|submit|submitornewline)"'
        let theirs = $env.config.keybindings
            | where { ($in.name? | default "") !~ "^devkeys" and ($in | to json) =~ $submits }
        [
            {modifier: none keycode: enter mode: $modes event: {send: enter}}
            {modifier: control keycode: char_j mode: $typing event: {send: enter}}
        ] | append $theirs | where event != null | enumerate | each {|key|
            $key.item | merge {
                name: $"(binding-name)_($key.index)"
                # Once more, for the search in the history, which knows no lists of events.
                event: {until: [[...(open-menu) $key.item.event] $key.item.event]}
            }
        }
    }

    # An open menu is asked to move, which Enter then forestalls; if none is open, ours is opened.
    def open-menu []: nothing -> list<any> {
        let ours = {send: menu name: devkeys}
        # Where its one entry is not taken at once, Enter takes it.
        let ours = if $env.config.completions.quick { [$ours] } else { [$ours {send: enter}] }
        # Old menus are told what stands before the cursor only.
        let ours = if (is-old) { [{edit: movetoend} ...$ours] } else { $ours }
        [{until: [{send: menuprevious} $ours]}]
    }

    def binding-name []: nothing -> string {
        if $env.config.completions.quick { "devkeys_quick" } else { "devkeys_slow" }
    }

    def is-old []: nothing -> bool {
        let numbers = $env.NU_VERSION | split row "." | first 2 | each { into int }
        $numbers.0 == 0 and $numbers.1 < 114
    }

    # Set up our menu and keys, unless they are: what is configured later may have removed them.
    def --env bind []: nothing -> nothing {
        let config = $env.config
        if not ($config.menus | any { $in.name? == devkeys }) {
            $env.config.menus ++= [{
                name: devkeys
                only_buffer_difference: false
                input_mode: full_buffer # since 0.114, instead of the line above
                marker: ""
                type: {layout: columnar columns: 1 col_width: 1 col_padding: 0}
                style: {}
                source: {|line position|
                    let space = try { space-before $line } catch { " " }
                    [{value: $space span: {start: 0 end: 0}}]
                }
            }]
        }
        let keys = $config.keybindings
        if ($keys | is-empty) or ($keys | last).name? !~ (binding-name) {
            let theirs = $keys | where { ($in.name? | default "") !~ "^devkeys" }
            $env.config.keybindings = [...$theirs ...(bindings)]
        }
    }

    # Return what is to be said about the secrets of this checkout, and the line that remembers
    # that it was said; nothing if there is nothing to be said.
    def find-word []: nothing -> any {
        let place = find-example ($env.PWD | path expand)
        if $place == null or $place =~ '\n' { return null }
        let end = $" ($place)"
        let known = index
            | where { ($in starts-with "checkout ") and ($in ends-with $end) }
            | parse --regex '^checkout (?<missing>\d+) (?<wanted>\d+) (?<path>.*)'
            | where path == $place
        if ($known | is-empty) {
            if not (asks-for-secrets ($place | path join .env.example)) { return null }
            return {
                line: $"? ?($end)" say: "devkeys: .env.example asks for secrets (devkeys init)"
            }
        }
        let found = $known | first
        if $found.missing == "0" { return null }
        let count = $"($found.missing) of ($found.wanted)"
        {
            line: $"($found.missing) ($found.wanted)($end)"
            say: $"devkeys: ($count) secrets missing \(devkeys init\)"
        }
    }

    # Return the nearest directory with a .env.example, not past a repository's top or HOME.
    def find-example [start: string]: nothing -> any {
        let home = $env.HOME? | default "" | path expand
        mut place = $start
        while not ($place | path join .env.example | path exists) {
            let above = $place | path dirname
            let is_top = $place in [$home $above]
            if $is_top or ($place | path join .git | path exists) { return null }
            $place = $above
        }
        $place
    }

    # Say whether one of the first lines of this .env.example gives a name that looks secret.
    def asks-for-secrets [file: string]: nothing -> bool {
        if ($file | path expand | path type) != "file" { return false }
        open --raw $file | first 65536 | decode utf-8 | lines | first 500
            | parse --regex '^(?:export )?(?<name>[A-Za-z_][A-Za-z0-9_]*)='
            | any { $in.name =~ ("(?i)" + $parts) }
    }

    # Say that this hook is not of the devkeys that wrote the index: after an upgrade.
    def compare-versions []: nothing -> nothing {
        let found = index | first 1 | parse --regex '^devkeys-index 1 (?<version>[\w.+-]+)$'
        if ($found | is-empty) or $found.0.version == $_devkeys_version { return }
        let versions = $"this hook is of ($_devkeys_version), devkeys is ($found.0.version)"
        print --stderr $"devkeys: ($versions) \(devkeys hook install\)"
    }

    # Say, once, what is missing in this checkout.
    def --env say-word []: nothing -> nothing {
        if $env.DEVKEYS_HOOK? == "off" { return }
        if $env._devkeys_said? == null { compare-versions }
        # It is a list, which is not handed on to programs.
        let said = $env._devkeys_said? | default []
        $env._devkeys_said = $said
        let word = try { find-word } catch { null }
        if $word == null or $word.line in $said { return }
        $env._devkeys_said = [...$said $word.line]
        let file = state-dir | path join shell-said
        if $word.line in (lines-of shell-said) { return }
        if ($file | path type) in ["file" "" null] {
            try { $"($word.line)\n" | save --raw --append $file }
        }
        print --stderr $word.say
    }

    # Return the words that devkeys has for the end of the line, in the protocol that fish uses.
    def complete-words [spans: list<string>]: nothing -> any {
        let asked = {
            _DEVKEYS_COMPLETE: complete_fish
            _TYPER_COMPLETE_FISH_ACTION: get-args
            _TYPER_COMPLETE_ARGS: ($spans | str join " ")
        }
        let answer = try { with-env $asked { ^devkeys | complete } } catch { return null }
        let lines = $answer.stdout | lines
        if $answer.exit_code != 0 or ($lines | is-empty) { return null } # files are offered
        $lines | each {|line|
            let columns = $line | split row --number 2 "\t"
            {value: $columns.0 description: ($columns.1? | default "")}
        }
    }

    # Return the hooks with ours at the end, unless it is among them.
    def with-ours [hooks: any, ours: closure]: nothing -> list<any> {
        let hooks = [] | append $hooks | compact
        if ($hooks | any { is-same $in $ours }) { $hooks } else { $hooks | append $ours }
    }

    def is-same [code: any, ours: closure]: nothing -> bool {
        try { (view source $code) == (view source $ours) } catch { false }
    }

    def --env set-hooks []: nothing -> nothing {
        let hooks = $env.config.hooks
        $env.config.hooks.pre_prompt = (with-ours $hooks.pre_prompt {||
            take-why | ignore # the line was given up
            bind
        })
        $env.config.hooks.pre_execution = (with-ours $hooks.pre_execution {||
            let why = take-why
            if $why != null { print --stderr $why }
        })
        let changes = $hooks.env_change | default {}
        $env.config.hooks.env_change = ($changes | upsert PWD (
            with-ours $changes.PWD? {|_ _| say-word }
        ))
    }

    # Return where this word stands before the last one, or nothing.
    def position-of [word: string]: list<string> -> any {
        let found = $in | drop | enumerate | where item == $word
        if ($found | is-empty) { null } else { $found.0.index }
    }

    def --env set-completer []: nothing -> nothing {
        let theirs = $env.config.completions.external.completer
        let ours = {|spans|
            # Behind `devkeys run --`, a command is completed as ever.
            let place = if ($spans | first 2) == [devkeys run] { $spans | position-of "--" }
            if $spans.0 == "devkeys" and $place == null {
                complete-words $spans
            } else if $theirs != null {
                do $theirs (if $place == null { $spans } else { $spans | skip ($place + 1) })
            }
        }
        if not (is-same $theirs $ours) { $env.config.completions.external.completer = $ours }
    }

    # Return the setting that has secrets recorded all the same, or nothing.
    def find-fault []: nothing -> any {
        let config = $env.config
        if not ($config.history.ignore_space_prefixed? | default true) {
            "history.ignore_space_prefixed is false"
        } else if $config.edit_mode == "vi" and (is-old) {
            "edit_mode is vi (nushell 0.114 can)"
        } else if not ($config.completions.quick or $config.completions.partial) {
            "completions.quick and completions.partial are false"
        }
    }

    export-env {
        if $nu.is-interactive {
            bind
            set-hooks
            set-completer
            let fault = find-fault
            if $fault != null {
                print --stderr $"devkeys: typed secrets are recorded while config.($fault)"
            }
        }
    }
}
use _devkeys []

# devkeys for bash 4.4 and newer: what is typed at the prompt and holds a secret stays out of
# the history. Load it at the end of ~/.bashrc: eval "$(devkeys hook bash)"
_devkeys_version=0.1.0
# Before a command runs, the DEBUG trap takes its entry from the history if it looks as if it
# held a secret, asks devkeys, and puts it back if it does not. What bash runs without that trap,
# as `( ... )`, or does not run, as a comment, is looked at before anything of PROMPT_COMMAND.

# No alias of yours becomes part of these functions, and nothing of them is exported.
\builtin shopt -q expand_aliases && _devkeys_aliases=-s || _devkeys_aliases=-u
\builtin shopt -u expand_aliases
[[ $- == *a* ]] && _devkeys_allexport=-a || _devkeys_allexport=+a
builtin set +a

# --- what looks as if it held a secret: src/devkeys/typed/suspicion.py has the same tables

_devkeys_parts=(key token secret pass pwd cred dsn salt pepper psk hmac cookie webhook bearer jwt
  mnemonic bindpw connection_string connection-string conn_string conn-string connectionstring
  service_account_json service-account-json recovery_codes recovery-codes seed_phrase seed-phrase
  basic_auth basic-auth browser_auth browser-auth session ksm_config)
_devkeys_words=(pw iv pat sas)
_devkeys_databases=(database db redis mongo mongodb postgres postgresql pg mysql mariadb sqlalchemy
  amqp rabbitmq cloudamqp broker jdbc cloudinary smtp email mail mailer valkey)
_devkeys_programs=(mysql mariadb mycli sshpass redis-cli valkey-cli mongo ldap smbclient rpcclient
  smbget 7z rar unrar zip unzip mosquitto_ sqlcmd bcp htpasswd openssl xfreerdp wlfreerdp security
  rclone nmcli wpa_passphrase lftp sqlplus ssh-keygen rabbitmqctl mkpasswd ansible-vault cmdkey)
_devkeys_logins=(docker podman nerdctl buildah skopeo helm oras crane az twine vault bao bw cargo
  wandb snyk ngrok doctl glab)
_devkeys_clients=(curl http https xh xhs)
_devkeys_keepers=(gh vault bao doppler infisical fly flyctl aws az eas pulumi)
_devkeys_sinks=(devkeys sudo gh wrangler vercel docker podman chpasswd passwd pass gopass passage
  secret-tool gcloud)
_devkeys_prefixes=(sk- gsk_ hf_ r8_ xai- pplx- nvapi- csk- fw_ tvly- pcsk_ lsv2_ e2b_ AIza ya29.
  GOCSPX- AKIA ASIA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glptt- glcbt- glft-
  glimt- glagent- gloas- ATBB ATATT3 ATCTT3 xoxb- xoxp- xoxa- xoxs- xoxr- xoxe- xoxe. xapp-
  hooks.slack.com/ sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sq0csp- sq0atp- SG. key- xkeysib-
  xsmtpsib- re_ npm_ pypi- rubygems_ dckr_pat_ dckr_oat_ dop_v1_ doo_v1_ dor_v1_ shpat_ shpss_
  shpca_ shppa_ hvs. hvb. hvr. dp.pt. dp.st. dp.ct. dp.sa. dp.scim. ops_eyJ lin_api_ ntn_ secret_
  figd_ PMAK- NRAK- glsa_ glc_ sntrys_ sntryu_ dapi pul- sbp_ sb_secret_ pscale_tkn_ pscale_pw_
  pscale_oauth_ fo1_ fm2_ nfp_ tskey- pat-na1- pat-eu1- sk.eyJ CFPAT- CCIPAT_ bkua_ sgp_ HRKU-
  AGE-SECRET-KEY- eyJ AccountKey=)

# What bash matches fastest is a `case` of texts that begin with a letter. Such are made of the
# tables, when the first command is there; they tell which of the slower questions are worth asking.
_devkeys_case() { # FUNCTION FORMAT TEXT...
  local patterns
  # shellcheck disable=SC2059  # the format is given
  builtin printf -v patterns "|$2" "${@:3}"
  builtin eval "$1() { case \$1 in ${patterns#|}) \\return 0 ;; esac; \\return 1; }"
}
_devkeys_make_cases() {
  _devkeys_case _devkeys_has_name '*%s*' "${_devkeys_parts[@]}" "${_devkeys_words[@]/%/[!a-z0-9]}"
  _devkeys_case _devkeys_has_database '*%sur[il]*' "${_devkeys_databases[@]}" \
    "${_devkeys_databases[@]/%/[_-]}"
  _devkeys_case _devkeys_has_program '*%s*' "${_devkeys_programs[@]}"
  _devkeys_case _devkeys_has_login '*%s[\ \	.]*' "${_devkeys_logins[@]}"
  _devkeys_case _devkeys_has_client '*%s[\ \	.]*' "${_devkeys_clients[@]}"
  _devkeys_case _devkeys_has_keeper '*%s[\ \	.]*' "${_devkeys_keepers[@]}"
  _devkeys_case _devkeys_has_sink '*%s[!a-z0-9_-]*' "${_devkeys_sinks[@]}"
  _devkeys_case_of_prefixes _devkeys_has_prefix_dash '*-*'
  _devkeys_case_of_prefixes _devkeys_has_prefix_line '*_*'
  _devkeys_case_of_prefixes _devkeys_has_prefix '*'
}
_devkeys_case_of_prefixes() { # FUNCTION PATTERN: of those that match it and were in no other
  local prefix these=()
  for prefix in "${_devkeys_prefixes[@]}"; do
    case $prefix in
      *-*) [[ $2 != '*-*' ]] || these+=("$prefix") ;;
      *_*) [[ $2 != '*_*' ]] || these+=("$prefix") ;;
      *) [[ $2 != '*' ]] || these+=("$prefix") ;;
    esac
  done
  _devkeys_case "$1" '*%s??????????*' "${these[@]}"
}

_devkeys_tail='[a-z0-9_-]*'
_devkeys_value=$'([^]=~>) \t\n"$`(;|&<\\\\-]|["\\\\][]=~>)(;|&<-]|[$][^a-z_{( \t\n]|[\\\\][$]|[=~][a-z0-9]|[$][a-z_][a-z0-9_.:]*[^] \t\n"\';|&)}a-z0-9_.:]|[$][{][^}]*[}][^] \t\n"\';|&)}])'
_devkeys_assigned=$'(["\'`\\\\]*[])}]*[ \t]*([+?:]?=|:)[ \t\n\\\\"@]*('$_devkeys_value$'|-)|["\'][ \t]*,[ \t]*["\'])'
_devkeys_setting=$'(^|[^a-z0-9_])(set[a-z-]*|put|add|new-[a-z]+)'
_devkeys_before="($_devkeys_setting("$'[ \t]'".*)?|(^|[^a-z0-9_-])-$_devkeys_tail)"
_devkeys_behind=$'["\']?[ \t]([ \t]*-value[ \t])?[ \t\n\\\\"@]*'$_devkeys_value
_devkeys_blank=$'[ \t]'
_devkeys_url=$'://[^/ \t\n"\'<>]*@'
_devkeys_spoken=$'(password|identified[ \t]+by)[ \t]+[\\\\"]*\'|securestring[ \t]|machine[ \t].*password[ \t]'
_devkeys_here=$'[ \t].*<[<(]'
_devkeys_head='[^a-z0-9_.-]'
_devkeys_login=$'([.]exe)?[ \t].*(login|upload|auth|unlock|unseal)'
_devkeys_option=$'([.]exe)?[ \t](.*[ \t\n])?-(-[a-z-]*user|-auth|[a-z]*[ua])'
_devkeys_keep=$'([.]exe)?[ \t].*(secret|=|-value)'
_devkeys_pipe='[|]([^|]*[^a-z0-9_-])?'

_devkeys_suspicious() { # may TEXT hold a secret?
  _devkeys_make_cases
  _devkeys_suspicious() { # TEXT, where LC_ALL=C: a letter is one of English
    ((${#1} <= 16384)) || return 0
    local lower=$'\n'${1,,}$'\n'
    case $lower in
      *-* | *=* | *:* | *,* | *set* | *put* | *add*)
        case $lower in
          *ur[il]*) ! _devkeys_has_database "$lower" || ! _devkeys_is_given || return 0 ;;
        esac
        ! _devkeys_has_name "$lower" || ! _devkeys_is_given || return 0
        ;;
    esac
    case $lower in
      *authorization* | *bearer[\ \	]* | *cookie:*) return 0 ;;
      *://*@*) [[ ! $lower =~ $_devkeys_url ]] || return 0 ;;
    esac
    case $lower in
      *password[\ \	]* | *identified* | *securestring*)
        [[ ! $lower =~ $_devkeys_spoken ]] || return 0
        ;;
    esac
    ! _devkeys_has_program "$lower" || ! _devkeys_is_program || return 0
    case $lower in
      *login* | *upload* | *auth* | *unlock* | *unseal*)
        ! _devkeys_has_login "$lower" || ! _devkeys_is_login || return 0
        ;;
    esac
    case $lower in
      *' -'* | *'	-'* | *$'\n-'*)
        ! _devkeys_has_client "$lower" || ! _devkeys_is_client || return 0
        ;;
    esac
    case $lower in
      *=* | *secret* | *-value*)
        ! _devkeys_has_keeper "$lower" || ! _devkeys_is_keeper || return 0
        ;;
    esac
    case $lower in
      *-stdin[!a-z0-9-]* | *-fd[!a-z0-9-]* | *-with-token[!a-z0-9-]*) return 0 ;;
      *'|'* | *'<<'* | *'<('*) ! _devkeys_has_sink "$lower" || ! _devkeys_is_poured || return 0 ;;
    esac
    case $1 in
      */api/webhooks/* | *:AA* | *.atlasv1.* | *'PRIVATE KEY-----'* | *8Q~*) return 0 ;;
    esac
    case $1 in
      *-*) ! _devkeys_has_prefix_dash "$1" || ! _devkeys_is_format "$1" || return 0 ;;
    esac
    case $1 in
      *_*) ! _devkeys_has_prefix_line "$1" || ! _devkeys_is_format "$1" || return 0 ;;
    esac
    ! _devkeys_has_prefix "$1" || ! _devkeys_is_format "$1" || return 0
    _devkeys_is_declared "$1"
  }
  _devkeys_suspicious "$@"
}

# Regular expressions are compiled at each use, and that takes the longer the more words they
# hold: `some` becomes the few WORDs that are in the text.
_devkeys_some() { # TEXT WORD...
  local word
  some=
  for word in "${@:2}"; do
    [[ $1 != *"$word"* ]] || some+=${some:+|}${word//./[.]}
  done
}

_devkeys_is_given() { # of `lower`: NAME=value, set NAME value, --name value
  local names='' words some
  _devkeys_some "$lower" "${_devkeys_parts[@]}"
  names+=${some:+"|($some)$_devkeys_tail"}
  _devkeys_some "$lower" "${_devkeys_databases[@]}"
  names+=${some:+"|($some)[_-]?ur[il]s?$_devkeys_tail"}
  _devkeys_some "$lower" "${_devkeys_words[@]}"
  words=${some:+"($some)([_-]$_devkeys_tail)?"}
  names+=${some:+"|(^|[^a-z0-9])$words"}
  names="(${names#|})"
  [[ $lower =~ $names$_devkeys_assigned ]] ||
    [[ $lower =~ ($_devkeys_before$names${words:+|[^a-z0-9_-]-$words})$_devkeys_behind ]]
}

_devkeys_is_program() {
  local some
  _devkeys_some "$lower" "${_devkeys_programs[@]}"
  [[ $lower =~ $_devkeys_head($some)[a-z0-9_.-]*$_devkeys_blank ]]
}

_devkeys_is_login() {
  local some
  _devkeys_some "$lower" "${_devkeys_logins[@]}"
  [[ $lower =~ $_devkeys_head($some)$_devkeys_login ]]
}

_devkeys_is_client() {
  local some
  _devkeys_some "$lower" "${_devkeys_clients[@]}"
  [[ $lower =~ $_devkeys_head($some)$_devkeys_option ]]
}

_devkeys_is_keeper() {
  local some
  _devkeys_some "$lower" "${_devkeys_keepers[@]}"
  [[ $lower =~ $_devkeys_head($some)$_devkeys_keep ]]
}

_devkeys_is_poured() {
  local some
  _devkeys_some "$lower" "${_devkeys_sinks[@]}"
  [[ $lower =~ $_devkeys_pipe($some)[^a-z0-9_-] ]] ||
    [[ $lower =~ ($some)$_devkeys_here ]]
}

_devkeys_is_format() { # TEXT
  local some head='(^|[^A-Za-z0-9]|\\[nrt]|[0-9]m|%[0-9A-Fa-f][0-9A-Fa-f]|\\[ux][0-9A-Fa-f]+)'
  _devkeys_some "$1" "${_devkeys_prefixes[@]}"
  [[ $1 =~ $head($some)[A-Za-z0-9_./+=-]{10} ]]
}

# --- the names that are declared: the index, see src/devkeys/index.py

_devkeys_index= # as it was read last; `_devkeys_names` has its names
_devkeys_plains=0

_devkeys_state() { # `state`: where devkeys keeps what this machine remembers, or nothing
  state=
  if [[ $OSTYPE == darwin* ]]; then
    [[ ${HOME-} != /* ]] || state=$HOME/Library/Application\ Support/devkeys
  elif [[ ${XDG_STATE_HOME-} == /* ]]; then
    state=$XDG_STATE_HOME/devkeys
  elif [[ ${HOME-} == /* ]]; then
    state=$HOME/.local/state/devkeys
  fi
}

_devkeys_read() { # FILE: `content`, of an ordinary file
  local -a lines
  content='' lines=()
  [[ -f $1 && -r $1 ]] || return 1
  builtin mapfile -d '' -n 1 lines <"$1" || return 1
  content=${lines[0]-}
}

_devkeys_read_index() {
  local state='' content='' line
  local -a lines
  _devkeys_state
  _devkeys_read "$state/shell-index" || content=
  builtin [ "$content" != "$_devkeys_index" ] || return 0
  _devkeys_index=$content _devkeys_names=()
  [[ $content == 'devkeys-index 1 '* ]] || return 0
  # shellcheck disable=SC2206  # `local -` in who calls this
  IFS=$'\n' lines=($content)
  for line in "${lines[@]}"; do
    [[ $line != 'name '* || $line == 'name '*[!A-Za-z0-9_]* || $line == 'name ' ]] ||
      _devkeys_names[${line#name }]=1
  done
}

# What is typed again and again is looked at once: the texts in which there is nothing at all.
_devkeys_is_plain() { # TEXT
  ((${#1} < 200)) || return 0
  ((++_devkeys_plains < 200)) || _devkeys_plain=() _devkeys_plains=0
  _devkeys_plain["x$1"]=yes
}

_devkeys_is_declared() { # TEXT: is a declared name given anything?
  case $lower in
    *=* | *:* | *set* | *put* | *add* | *new-*) ;;
    *)
      _devkeys_is_plain "$1"
      return 1
      ;;
  esac
  local - IFS=$' \t\n' piece pieces=() names=()
  builtin set -f # what is split is not to become names of files
  if [[ $lower =~ $_devkeys_setting$_devkeys_blank ]]; then
    # shellcheck disable=SC2206
    pieces=(${1//[!A-Za-z0-9_]/ })
  elif [[ $1 == *[=:]* ]]; then
    # shellcheck disable=SC2206
    IFS='=:' pieces=(${1%[=:]*})
  fi
  for piece in "${pieces[@]}"; do
    piece=${piece%[+?]}
    piece=${piece%"${piece##*[! $'\t']}"}
    piece=${piece%"${piece##*[!])\}]}"}
    piece=${piece%"${piece##*[!\"\'\`\\]}"}
    piece=${piece##*[!A-Za-z0-9_]}
    piece=${piece#"${piece%%[!0-9]*}"}
    [[ ! $piece ]] || names+=("$piece")
  done
  if [[ ! ${names[*]-} ]]; then
    _devkeys_is_plain "$1"
    return 1
  fi
  _devkeys_read_index
  ((${#_devkeys_names[@]})) || return 1
  for piece in "${names[@]}"; do
    [[ ! ${_devkeys_names[$piece]-} ]] || return 0
  done
  return 1
}

# --- the history

_devkeys_line='\#' # as a prompt it is the number of the command
_devkeys_next='\!' # ... and this the number of the next entry of the history
_devkeys_at=       # the number of the command that was looked at last; empty before the first prompt
_devkeys_armed=    # the prompt is there: what comes next is looked at
_devkeys_fired=    # the DEBUG trap worked since the last prompt
_devkeys_trap=     # the DEBUG trap of others, which ours calls ...
_devkeys_in_trap=  # ... and is calling
_devkeys_seen=     # the newest entry ...
_devkeys_number=0  # ... its number ...
_devkeys_count=    # ... and the number of the next one, when it was read
_devkeys_kept=     # what was typed last is kept out
_devkeys_asking=   # devkeys is being asked; still so at the prompt that follows a Ctrl-C

# `history` prints, and a command substitution is a process. So it prints into a file of this shell
# alone, in memory, which is read at once, and emptied unless it held nothing of interest. A later
# shell takes it away.
_devkeys_file=
_devkeys_make_file() {
  local place line lines mask='' stale=() globs=-u mounts
  [[ $OSTYPE == linux* && -r /proc/self/status ]] || return 0
  builtin mapfile -t lines </proc/self/status
  for line in "${lines[@]}"; do
    [[ $line != Umask:* ]] || mask=${line##*[!0-7]}
  done
  [[ $mask ]] || return 0
  builtin mapfile -d '' -n 1 mounts </proc/self/mounts
  ! builtin shopt -q failglob || globs=-s
  builtin shopt -u failglob
  for place in "/run/user/$UID" /dev/shm; do
    [[ -w $place && ${mounts-} == *" $place tmpfs "* ]] || continue
    for line in "$place/devkeys-bash.$UID".*; do
      [[ -O $line && ! -L $line && ($line == *.$$ || ! -e /proc/${line##*.}) ]] || continue
      stale+=("$line")
      [[ ! -s $line ]] || builtin : >|"$line"
    done
    [[ ! $_devkeys_file ]] || continue
    builtin umask 077
    builtin set -C
    _devkeys_file=$place/devkeys-bash.$UID.$RANDOM$RANDOM.$$
    builtin : >"$_devkeys_file" || _devkeys_file=''
    builtin umask "$mask"
  done
  builtin shopt "$globs" failglob
  ((${#stale[@]} < 8)) || (\command rm -f -- "${stale[@]}" &)
}

_devkeys_print() { # COUNT: `out`, the newest entries as `history` prints them; `exact` or with times
  local line
  exact=yes
  [[ ! ${HISTTIMEFORMAT-} ]] || local HISTTIMEFORMAT='' 2>/dev/null || exact=''
  # Whoever took it away has not put another in its place: others could read that.
  if [[ -O $_devkeys_file && ! -L $_devkeys_file ]] && builtin history "$1" >|"$_devkeys_file" &&
    builtin mapfile -d '' -n 1 out <"$_devkeys_file"; then
    return 0
  fi
  _devkeys_file=
  line=$(\builtin history "$1")
  out[0]=${line:+$line$'\n'}
}

_devkeys_newest() { # `entry`, the newest one as `printed`; `exact` or with its time; `number`
  local out=()
  _devkeys_print 1
  number=${_devkeys_next@P} # which grows with each entry
  printed=${out[0]-}
  entry=${printed#*[0-9][ *] }
  entry=${entry%$'\n'}
}

_devkeys_newest_lines() { # `texts`, since the last look: without cmdhist a command has several
  local out=() line
  ((number - _devkeys_number > 1)) || return 0
  _devkeys_print "$((number - _devkeys_number))"
  texts=()
  while [[ ${out[0]} ]]; do
    line=${out[0]%%$'\n'*}
    out[0]=${out[0]#*$'\n'}
    texts+=("${line#*[0-9][ *] }")
  done
}

_devkeys_wipe() {
  [[ ! -O $_devkeys_file || -L $_devkeys_file ]] || builtin : >|"$_devkeys_file"
}

_devkeys_remember() {
  _devkeys_seen=$entry _devkeys_number=$number _devkeys_count=${_devkeys_next@P}
}

_devkeys_catch_up() {
  local entry printed number exact
  _devkeys_newest
  _devkeys_wipe
  _devkeys_remember
}

_devkeys_look() { # keep what was typed out of the history, if it holds a secret
  local entry printed number exact text answer texts
  _devkeys_kept=
  _devkeys_newest
  # Where the user's locale is missing, bash says so whenever it comes back.
  if [[ ! $entry || (${_devkeys_plain["x$entry"]-} && $BASHOPTS == *cmdhist*) ]] ||
    ! _devkeys_take_out 2>/dev/null; then
    _devkeys_remember
    return 0
  fi
  _devkeys_asking=yes
  if _devkeys_judge "$text"; then
    for text in "${texts[@]}"; do
      [[ ! $exact ]] || builtin history -s -- "$text"
    done
    _devkeys_asking=
    _devkeys_remember
    return 0
  fi
  [[ $exact ]] || _devkeys_delete
  _devkeys_kept=yes _devkeys_asking='' _devkeys_count=${_devkeys_next@P}
  _devkeys_hide_from_others
  _devkeys_say "$answer"
}

_devkeys_take_out() { # `text`, out of the history if it may hold a secret; false if it does not
  local LC_ALL=C
  _devkeys_wipe
  text=$entry
  texts=("$entry")
  if [[ $BASHOPTS != *cmdhist* ]]; then
    _devkeys_newest_lines
    builtin printf -v text '%s\n' "${texts[@]}"
    text=${text%$'\n'}
  fi
  # Not by [[ ]], for which case may not count.
  if ((number == _devkeys_number)) && builtin [ "$text" = "$_devkeys_seen" ]; then
    return 1
  fi
  _devkeys_suspicious "$text" && ! _devkeys_on_purpose "$text" || return 1
  [[ ! $exact ]] || _devkeys_delete
}

_devkeys_delete() { # as many as there are `texts`
  local index last=${printed#"${printed%%[! ]*}"}
  last=${last%%[!0-9]*}
  for ((index = 0; index < ${#texts[@]}; index++)); do
    builtin history -d "$((last - index))"
  done
}

_devkeys_on_purpose() { # TEXT
  local text=${1#"${1%%[![:space:]]*}"}
  text=${text/#"DEVKEYS_HOOK='off'"/DEVKEYS_HOOK=off}
  text=${text/#'DEVKEYS_HOOK="off"'/DEVKEYS_HOOK=off}
  [[ $text == DEVKEYS_HOOK=off || $text == DEVKEYS_HOOK=off[\ \;]* ]]
}

_devkeys_unsure='devkeys: kept out of history: it may hold a secret (devkeys could not be asked)'

_devkeys_ask() { # WORD...: become devkeys, where the current directory has no say
  local - IFS=: path='' folder
  builtin set -f
  for folder in $PATH; do
    [[ $folder != /* ]] || path+=:$folder
  done
  PATH=${path#:}
  PATH=${PATH:-/dev/null}
  builtin ulimit -c 0 # whoever quits it finds no memory of it on the disk
  builtin unset -f command_not_found_handle
  builtin exec devkeys "$@"
}

_devkeys_judge() { # TEXT: it may be recorded; if not, `answer` is what is said
  answer=$(
    {
      # bash reads this anew each time, aliases and all.
      \builtin ulimit -c 0
      \builtin printf '%s' "$1" | _devkeys_ask hook check bash
      \builtin exit "${PIPESTATUS[1]}"
    } 2>/dev/null
  )
  case $? in
    0) return 0 ;;
    1) [[ $answer != 'devkeys: '* || $answer == *[[:cntrl:]]* ]] || return 1 ;;
  esac
  answer=$_devkeys_unsure
  return 1
}

_devkeys_say() { # LINE
  # Before `{ ...; } >file 2>&1` the error stream is the file already.
  if [[ -t 2 ]]; then
    builtin printf '%s\n' "$1" >&2
  else
    { builtin printf '%s\n' "$1" >/dev/tty; } 2>/dev/null || builtin printf '%s\n' "$1" >&2
  fi
}

# --- before each command, and before each prompt

_devkeys_return() { builtin return "$1"; }

_devkeys_debug() { # LAST_ARGUMENT: the DEBUG trap
  local status=$?
  [[ ${_devkeys_line@P}$_devkeys_armed$_devkeys_trap != "$_devkeys_at" ]] || return 0
  # The first test is not for a trap alone, nor the second for `( ... )` under `set -T`.
  [[ ${_devkeys_line@P}$_devkeys_armed == "$_devkeys_at" || $BASHPID != "$$" || ! $_devkeys_at ||
    $_devkeys_trap == *__bp_* ]] || _devkeys_before_command
  # bash-preexec may have kept us as a trap of its own.
  [[ $_devkeys_trap && ! $_devkeys_in_trap ]] || return 0
  _devkeys_in_trap=yes
  if ((${status:-0})); then
    _devkeys_return "$status" "${1-}" || builtin eval "$_devkeys_trap"
  else
    builtin : "${1-}"
    builtin eval "$_devkeys_trap"
  fi
  status=$? _devkeys_in_trap=
  # bash-preexec takes the command from the history: we come after it.
  [[ $_devkeys_trap != *__bp_* || ${_devkeys_line@P}$_devkeys_armed == "$_devkeys_at" ||
    $BASHPID != "$$" || ! $_devkeys_at ]] || _devkeys_before_command
  return "$status"
}

_devkeys_before_command() {
  local now=${_devkeys_line@P}
  [[ $- != *[aekuxET]* ]] || { local - && builtin set +aekuxET; }
  _devkeys_fired=yes
  if [[ ${DEVKEYS_HOOK-} == off ]]; then
    _devkeys_at=$now _devkeys_armed=
    return 0
  elif [[ $now != "$_devkeys_at" ]]; then
    # What `fc` runs takes its place in the history.
    [[ $BASH_COMMAND == fc || $BASH_COMMAND == *fc\ * ]] || _devkeys_armed=
    _devkeys_at=$now
  elif [[ $BASH_COMMAND == _devkeys_prompt ||
    ${PROMPT_COMMAND[*]-} == *"$BASH_COMMAND"*_devkeys_prompt* ]]; then
    _devkeys_armed=
  fi # else it is a key that is bound to a command, or a line from an editor
  [[ ${PROMPT_COMMAND[*]-} == *_devkeys_prompt* ]] || _devkeys_settle
  _devkeys_look
}

# In a function the DEBUG trap of the shell cannot be seen: so this stands in PROMPT_COMMAND, and
# what is only wanted at times stands in a variable, for it would have to be parsed each time.
# shellcheck disable=SC2016
_devkeys_call='_devkeys_prompt || \builtin eval "$_devkeys_then"' _devkeys_then=

_devkeys_prompt() { # with the status it found; where that is not 0, `_devkeys_then` gives it back
  local status=$? flags=$-
  _devkeys_in_trap= # it was left by a Ctrl-C
  [[ $- != *[aekuxET]* ]] || { local - && builtin set +aekuxET; }
  [[ $status && ${flags-} != *e* ]] || status=0
  if [[ ${DEVKEYS_HOOK-} == off ]]; then
    _devkeys_at=${_devkeys_line@P} _devkeys_armed=''
  else
    _devkeys_before_prompt
    if [[ ! $_devkeys_fired && ${#FUNCNAME[@]} == 1 ]]; then
      _devkeys_then="_devkeys_adopt \"\$(\\builtin trap -p DEBUG)\""
      return 1
    fi
    _devkeys_fired=
  fi
  ((status == 0)) || _devkeys_then="_devkeys_return $status"
  return "$status"
}

_devkeys_before_prompt() {
  [[ ! $_devkeys_asking ]] || _devkeys_say "$_devkeys_unsure"
  _devkeys_asking=
  if [[ $_devkeys_at && ${_devkeys_line@P}$_devkeys_armed != "$_devkeys_at" ]]; then
    _devkeys_look
  fi
  [[ ! ${bash_preexec_imported-}${__bp_imported-} ]] || _devkeys_join
  [[ ${PROMPT_COMMAND[*]-} == "$_devkeys_settled" ]] || _devkeys_settle
  [[ $PWD == "$_devkeys_place" ]] || _devkeys_arrive
  [[ ${_devkeys_next@P} == "$_devkeys_count" ]] || _devkeys_catch_up 2>/dev/null # others changed it
  _devkeys_at=${_devkeys_line@P} _devkeys_armed=x
}

_devkeys_adopt() { # WHAT `trap -p DEBUG` SAYS
  local words=()
  builtin eval "words=($1)" # bash has quoted it
  [[ ${words[2]-} != *_devkeys_debug* ]] || return 0
  _devkeys_trap=${words[2]-}
  [[ $_devkeys_trap != - ]] || _devkeys_trap=
  builtin trap '_devkeys_debug "$_"' DEBUG
}

_devkeys_may_settle() { local PROMPT_COMMAND; }

_devkeys_settled=  # what PROMPT_COMMAND was when we last looked
_devkeys_settlings=0
_devkeys_settle() { # be the last of PROMPT_COMMAND
  local all=${PROMPT_COMMAND[*]-}
  case $all in
    *"$_devkeys_call"*__bp_in* | *"$_devkeys_call") ;;
    *__bp_install*) # bash-preexec has to be installed after us, and to be the last
      PROMPT_COMMAND=$_devkeys_call$'\n'${PROMPT_COMMAND-}
      ;;
    *__bp_interactive_mode*)
      if [[ $PROMPT_COMMAND == *__bp_interactive_mode* ]]; then
        PROMPT_COMMAND=${PROMPT_COMMAND/__bp_interactive_mode/$_devkeys_call$'\n'__bp_interactive_mode}
      else
        PROMPT_COMMAND+=$'\n'$_devkeys_call
      fi
      ;;
    *)
      # Others may want to be the last, too.
      if [[ $all != *_devkeys_prompt* ]] || ((++_devkeys_settlings < 5)); then
        if ((${#PROMPT_COMMAND[@]} > 1 && BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
          PROMPT_COMMAND+=("$_devkeys_call")
        else
          # shellcheck disable=SC2128,SC2178  # of an array the first element, as ever
          PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}$_devkeys_call
        fi
      fi
      ;;
  esac
  _devkeys_settled=${PROMPT_COMMAND[*]-}
}

# --- neighbours

_devkeys_join() { # bash-preexec, https://github.com/rcaloras/bash-preexec
  local IFS=' '
  [[ " ${preexec_functions[*]-} " == *' _devkeys_preexec '* ]] ||
    preexec_functions=(_devkeys_preexec "${preexec_functions[@]}")
  [[ " ${precmd_functions[*]-} " == *' _devkeys_precmd '* ]] ||
    precmd_functions=(_devkeys_precmd "${precmd_functions[@]}")
}

_devkeys_precmd() { _devkeys_prompt || builtin : "that is the command's own"; }

_devkeys_preexec() {
  local -
  builtin set +aekuxET
  [[ $_devkeys_at ]] || return 0
  _devkeys_at=${_devkeys_line@P} _devkeys_armed=
  [[ ${DEVKEYS_HOOK-} == off ]] || _devkeys_look
  return 0
}

# atuin records what it is told before a command runs. We are told before it is.
_devkeys_hide_from_others() {
  local code
  [[ ${ATUIN_SESSION-} ]] || return 0
  code=$(\builtin declare -f __atuin_preexec) || return 0
  [[ $code != *_devkeys_kept* ]] || return 0
  builtin eval "_devkeys_hidden$code"
  # shellcheck disable=SC2317  # atuin's hook calls it
  __atuin_preexec() { [[ $_devkeys_kept ]] || _devkeys_hidden__atuin_preexec "$@"; }
}

_devkeys_may_hold_one() { # TEXT
  local LC_ALL=C
  _devkeys_suspicious "$1" && ! _devkeys_on_purpose "$1"
}

_devkeys_add_history() { # LINE: for ble.sh, https://github.com/akinomyoga/ble.sh
  local - answer
  builtin set +aekuxET
  _devkeys_kept=
  [[ ${DEVKEYS_HOOK-} != off ]] || return 0
  if ! _devkeys_may_hold_one "$1" 2>/dev/null || _devkeys_judge "$1"; then
    return 0
  fi
  _devkeys_kept=yes
  _devkeys_hide_from_others
  _devkeys_say "$answer"
  return 1
}

# --- a word at `cd`

_devkeys_place= # where we looked last
_devkeys_told=$'\n'

_devkeys_arrive() {
  local - IFS=$' \t\n' here=$PWD
  builtin set -f
  [[ $_devkeys_place ]] || _devkeys_compare
  _devkeys_place=$PWD
  [[ $here == /* && $here != *$'\n'* ]] || return 0
  until [[ -e $here/.env.example ]]; do
    [[ $here && ! -e $here/.git && ! $here/ -ef ${HOME:-/}/ ]] || return 0
    here=${here%/*}
  done
  _devkeys_tell "${here:-/}"
}

_devkeys_compare() { # say that this hook is not of the devkeys that wrote the index: after an upgrade
  local line
  _devkeys_read_index
  line=${_devkeys_index%%$'\n'*}
  [[ $line == 'devkeys-index 1 '* && ${line##* } != "$_devkeys_version" ]] || return 0
  [[ ${line##* } != *[!0-9A-Za-z.+-]* ]] || return 0
  _devkeys_say "devkeys: this hook is of $_devkeys_version, devkeys is ${line##* } (devkeys hook install)"
}

_devkeys_tell() { # CHECKOUT: say once that secrets are missing there
  local state content line='' word
  _devkeys_state
  _devkeys_read_index
  _devkeys_find_lack "$1"
  [[ $line != '0 '* ]] || return 0
  [[ $_devkeys_told != *$'\n'"${line:-? ? $1}"$'\n'* ]] || return 0
  ! _devkeys_read "$state/shell-said" ||
    [[ $'\n'$content != *$'\n'"${line:-? ? $1}"$'\n'* ]] || return 0
  word="${line%% *} of ${line#* }"
  word="${word% "$1"} secrets missing"
  if [[ ! $line ]]; then
    _devkeys_asks_for_secrets "$1/.env.example" 2>/dev/null || return 0
    line="? ? $1" word='.env.example asks for secrets'
  fi
  _devkeys_told+=$line$'\n'
  if [[ $state && -d $state && ( -f $state/shell-said || ! -e $state/shell-said ) ]]; then
    { builtin printf '%s\n' "$line" >>"$state/shell-said"; } 2>/dev/null
  fi
  _devkeys_say "devkeys: $word (devkeys init)"
}

_devkeys_find_lack() { # CHECKOUT: `line`, "M N CHECKOUT" of the index
  local rest=$_devkeys_index path
  while [[ $rest == *$'\n''checkout '* ]]; do
    rest=${rest#*$'\n''checkout '}
    line=${rest%%$'\n'*}
    path=${line#* }
    path=${path#* }
    if [[ $path == "$1" || $path -ef $1 ]]; then
      line=${line%"$path"}$1
      [[ $line != [0-9]*' '[0-9]*' '* || ${line%"$1"} == *[!0-9\ ]* ]] || return 0
    fi
  done
  line=''
}

_devkeys_asks_for_secrets() { # FILE
  local content='' line lines names='' some LC_ALL=C
  [[ -f $1 && -r $1 ]] || return 1
  IFS='' builtin read -r -d '' -n 65536 content <"$1" # to the first NUL, of which there may be gigabytes
  # shellcheck disable=SC2206  # `local -` in who calls this
  IFS=$'\n' lines=($content)
  for line in "${lines[@]:0:500}"; do
    line=${line#export }
    [[ $line != [A-Za-z_]*=* || ${line%%=*} == *[!A-Za-z0-9_]* ]] || names+=" ${line%%=*}"
  done
  _devkeys_some "${names,,}" "${_devkeys_parts[@]}"
  [[ $some ]]
}

# --- completions

_devkeys_completion() {
  local - IFS=$'\n' word words line place
  builtin set -f +aekuxET
  line="${COMP_WORDS[*]}" place=$COMP_CWORD
  # Not as arguments of `env`, which everybody can see.
  # shellcheck disable=SC2178,SC2207  # a text as typer wants it; one word a line
  words=($(
    \builtin unset -v COMP_WORDS COMP_CWORD
    \builtin export COMP_WORDS="$line" COMP_CWORD="$place" _DEVKEYS_COMPLETE=complete_bash
    _devkeys_ask 2>/dev/null
  ))
  COMPREPLY=()
  for word in "${words[@]}"; do
    [[ $word == *[!A-Za-z0-9_./:@=+-]* ]] || COMPREPLY+=("$word") # it will stand in a command
  done
}

# --- the start

_devkeys_start() {
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
    _devkeys_say "devkeys: bash $BASH_VERSION is too old to keep secrets out of the history (4.4)"
    return 0
  fi
  local - IFS
  builtin set +aekuxET
  IFS=$' \t\n'
  declare -gA _devkeys_names _devkeys_plain
  builtin complete -o default -F _devkeys_completion devkeys
  builtin set +f
  _devkeys_make_file 2>/dev/null
  if [[ ${BLE_VERSION-} ]]; then
    blehook ADDHISTORY!=_devkeys_add_history
    blehook PRECMD!=_devkeys_precmd
  elif [[ $- == *r* ]] || ! _devkeys_may_settle 2>/dev/null; then
    _devkeys_say 'devkeys: nothing is kept out of the history: PROMPT_COMMAND is read-only'
  else
    _devkeys_settle
    _devkeys_started=yes
  fi
}

# By `eval` a DEBUG trap that is there can be seen, and ours can be set at once: then nothing below
# our line in ~/.bashrc pushes us out. In a file that is read by `.` only PROMPT_COMMAND is left.
_devkeys_sees_traps() { # FILE that is being read
  local lines=()
  [[ $_devkeys_started && ! ${bash_preexec_imported-}${__bp_imported-} ]] || return 1
  [[ ! -f ${1-} || ! -r $1 ]] || builtin mapfile -t -n 3 lines <"$1"
  [[ ${lines[2]-} != _devkeys_version=* ]]
}

_devkeys_started=
if [[ $- == *i* ]]; then
  _devkeys_start
  if _devkeys_sees_traps "${BASH_SOURCE[0]-}"; then
    _devkeys_at=${_devkeys_line@P}
    if [[ $_devkeys_file ]] && builtin trap -p DEBUG >|"$_devkeys_file"; then
      builtin mapfile -d '' -n 1 _devkeys_words <"$_devkeys_file"
      _devkeys_adopt "${_devkeys_words-}"
      builtin unset -v _devkeys_words
    else
      _devkeys_adopt "$(builtin trap -p DEBUG)"
    fi
  fi
fi

builtin shopt "$_devkeys_aliases" expand_aliases
builtin unset -v _devkeys_aliases
[[ $_devkeys_allexport != -a ]] || builtin set -a

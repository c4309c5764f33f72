# devkeys for zsh: a typed secret stays out of the history, a word at cd, and completions.
_devkeys_version=0.1.0
#
# Source this file from ~/.zshrc, or: eval "$(devkeys hook zsh)".
# DEVKEYS_HOOK=off makes all of it inert; before a command, it records that one on purpose.
#
# Everything here is built-in; `devkeys` itself is asked only about a command that may hold a
# secret. Aliases of the user's, and options that change how a file is read, are off meanwhile.
typeset -g +x _devkeys_version
typeset -ga +x _devkeys_options
_devkeys_options=()
for _devkeys_option in aliases sh_glob csh_junkie_quotes ignore_braces ignore_close_braces; do
  if [[ -o $_devkeys_option ]]; then
    _devkeys_options+=($_devkeys_option)
    'builtin' 'unsetopt' $_devkeys_option
  fi
done

typeset -g +x _devkeys_unsure='devkeys: kept out of history: '
_devkeys_unsure+='it may hold a secret (devkeys could not be asked)'
# What is disabled until the next prompt; the directory that was looked at; what was said.
typeset -g +x _devkeys_place=''
typeset -ga +x _devkeys_disabled _devkeys_said
# The index as it was when it was last read, and its names.
typeset -g +x _devkeys_index='' _devkeys_zstat=''
typeset -gA +x _devkeys_names
typeset -g +x _devkeys_parts="key|token|secret|pass|pwd|cred|dsn|salt|pepper|psk|hmac|cookie|\
webhook|bearer|jwt|mnemonic|bindpw|connection_string|connection-string|conn_string|conn-string|\
connectionstring|service_account_json|service-account-json|recovery_codes|recovery-codes|\
seed_phrase|seed-phrase|basic_auth|basic-auth|browser_auth|browser-auth|session|ksm_config"

# What records by itself, from preexec. Hooks of zshaddhistory are found without a list.
typeset -ga +x _devkeys_recorders=(_atuin_preexec __resh_preexec __vsc_preexec)

# Succeed if the text $1 may hold a secret. The tables and patterns are those of suspicion.py in
# zsh's own globs, which are faster than regular expressions and need no module. Before what
# costs more stands a test that ordinary commands do not pass.
_devkeys_suspicious() {
  local text=$'\n'${1%$'\n'}$'\n'
  (( ${#text} > 16386 )) && return 0
  local lower=${(L)text}
  lower=${lower//I/i} # in a Turkish locale it is still there
  local long= # where one of the words stands in a long text, it is not looked at twice
  (( ${#text} > 1024 )) && long=1
  local blank=$'[ \t]' tail='[a-z0-9_-]#'

  # Names: by three letters of the parts, then by the parts; words of their own; DATABASE_URL.
  local -i may_be_named=0
  if [[ $lower == *[bcdhjkmprstw](as|al|ea|eb|ec|ee|ep|er|es|ey|in|ma|ne|ok|on|oo|re|ro|sk|sm|sn|\
wd|wt)* ]]; then
    [[ $lower == *(${~_devkeys_parts})* ]] && may_be_named=1
  fi
  [[ $lower == *([^a-z0-9](pw|iv|pat|sas)[^a-z0-9]|([_beglopqrsy-]|jdbc)ur[il])* ]] &&
    may_be_named=1
  if (( may_be_named )); then
    [[ -n $long ]] && return 0
    _devkeys_named "$lower" && return 0
  fi

  [[ $lower == *(authorization|bearer[$' \t']|cookie:|securestring[$' \t'])* ]] && return 0
  [[ $lower == *://* && $lower == *://[^/$' \t\n'\"\'\<\>]#@* ]] && return 0
  # identified by '...'; machine ... password ...
  if [[ $lower == *(password|identified[$' \t']##by)[$' \t']* ]]; then
    [[ $lower == *(password|identified[$' \t']##by)[$' \t']##[\\\"]#\'* ||
      $lower == *machine[$' \t']*password[$' \t']* ]] && return 0
  fi

  # Programs: those of which every call is looked at, and what makes one of the others worth it.
  [[ $lower == *[^a-z0-9_.-](mysql|mariadb|mycli|sshpass|redis-cli|valkey-cli|mongo|ldap|smbclient|\
rpcclient|smbget|7z|rar|unrar|zip|unzip|mosquitto_|sqlcmd|bcp|htpasswd|openssl|xfreerdp|wlfreerdp|\
security|rclone|nmcli|wpa_passphrase|lftp|sqlplus|ssh-keygen|rabbitmqctl|mkpasswd|ansible-vault|\
cmdkey)[a-z0-9_.-]#[$' \t']* ]] &&
    return 0
  if [[ $lower == *[^a-z0-9_.-](docker|podman|nerdctl|buildah|skopeo|helm|oras|crane|az|twine|\
vault|bao|bw|cargo|wandb|snyk|ngrok|doctl|glab|curl|http|https|xh|xhs|gh|doppler|infisical|fly|\
flyctl|aws|eas|pulumi)(.exe|)[$' \t']* ]]; then
    [[ -n $long ]] && return 0
    local login="(docker|podman|nerdctl|buildah|skopeo|helm|oras|crane|az|twine|vault|bao|bw|cargo|\
wandb|snyk|ngrok|doctl|glab)"
    local client='(curl|http|https|xh|xhs)'
    local keeper='(gh|vault|bao|doppler|infisical|fly|flyctl|aws|az|eas|pulumi)'
    login+="(.exe|)$blank*(login|upload|auth|unlock|unseal)"
    client+="(.exe|)$blank(*["$' \t\n'"]|)-(-[a-z-]#user|-auth|[a-z]#[ua])"
    keeper+="(.exe|)$blank*(secret|=|-value)"
    [[ $lower == *[^a-z0-9_.-](${~login}|${~client}|${~keeper})* ]] && return 0
  fi

  # ... | devkeys set NAME; devkeys set NAME <<< ...; --password-stdin
  if [[ $lower == *(\||\<[\<\(])* ]]; then
    local sinks="(devkeys|sudo|gh|wrangler|vercel|docker|podman|chpasswd|passwd|pass|gopass|\
passage|secret-tool|gcloud)"
    [[ $lower == *\|([^\|]#[^a-z0-9_-]|)${~sinks}[^a-z0-9_-]* ]] && return 0
    [[ $lower == *\<[\<\(]* && $lower == *${~sinks}${~blank}*\<[\<\(]* ]] && return 0
  fi
  [[ $lower == *-(stdin|fd|with-token)[^a-z0-9-]* ]] && return 0

  # Keys of a known format; here case counts. Nearly all of them end their prefix with a sign.
  if [[ $text == *([._=-][A-Za-z0-9_./+=-](#c10)|hooks.slack.com/|AIza|A[KS]IA|ATBB|AT[AC]TT3|\
dapi|eyJ)* &&
    $text == *([^A-Za-z0-9]|\\[nrt]|[0-9]m|%[0-9A-Fa-f][0-9A-Fa-f]|\\[ux][0-9A-Fa-f]##)(sk-|gsk_|\
hf_|r8_|xai-|pplx-|nvapi-|csk-|fw_|tvly-|pcsk_|lsv2_|e2b_|AIza|ya29.|GOCSPX-|AKIA|ASIA|ghp_|gho_|\
ghu_|ghs_|ghr_|github_pat_|glpat-|gldt-|glrt-|glptt-|glcbt-|glft-|glimt-|glagent-|gloas-|ATBB|\
ATATT3|ATCTT3|xoxb-|xoxp-|xoxa-|xoxs-|xoxr-|xoxe-|xoxe.|xapp-|hooks.slack.com/|sk_live_|sk_test_|\
rk_live_|rk_test_|whsec_|sq0csp-|sq0atp-|SG.|key-|xkeysib-|xsmtpsib-|re_|npm_|pypi-|rubygems_|\
dckr_pat_|dckr_oat_|dop_v1_|doo_v1_|dor_v1_|shpat_|shpss_|shpca_|shppa_|hvs.|hvb.|hvr.|dp.pt.|\
dp.st.|dp.ct.|dp.sa.|dp.scim.|ops_eyJ|lin_api_|ntn_|secret_|figd_|PMAK-|NRAK-|glsa_|glc_|sntrys_|\
sntryu_|dapi|pul-|sbp_|sb_secret_|pscale_tkn_|pscale_pw_|pscale_oauth_|fo1_|fm2_|nfp_|tskey-|\
pat-na1-|pat-eu1-|sk.eyJ|CFPAT-|CCIPAT_|bkua_|sgp_|HRKU-|AGE-SECRET-KEY-|eyJ|\
AccountKey=)[A-Za-z0-9_./+=-](#c10)* ]]; then
    return 0
  fi
  [[ $text == *(/api/webhooks/|:AA|.atlasv1.|PRIVATE KEY-----|8Q\~)* ]] && return 0

  [[ $text == *[=:]* || $lower == *[^a-z0-9_](set[a-z-]#|put|add|new-[a-z]##)[$' \t']* ]] &&
    _devkeys_gives_declared "$text" "$lower"
}

# Succeed if the text $1, in lower case, gives a value to a name that is secret by its look.
_devkeys_named() {
  local words='pw|iv|pat|sas'
  local databases="database|db|redis|mongo|mongodb|postgres|postgresql|pg|mysql|mariadb|sqlalchemy|\
amqp|rabbitmq|cloudamqp|broker|jdbc|cloudinary|smtp|email|mail|mailer|valkey"
  local name="($_devkeys_parts)$tail|[^a-z0-9]($words)([_-]$tail|)"
  name="($name|($databases)([_-]|)ur[il](s|)$tail)"
  local close=$'["\'`\\\\]#[])}]#[ \t]#' quotes=$'[ \t\n\\\\"@]#'
  # How it begins; a variable has text behind it: one alone is no value.
  local value=$'[^]=~>) \t\n"$`(;|&<\\\\-]|["\\\\][]=~>)(;|&<-]|[$][^a-z_{( \t\n]|\\\\[$]'
  value+=$'|[=~][a-z0-9]|[$][a-z_][a-z0-9_.:]#[^] \t\n"\';|&)}a-z0-9_.:]'
  value+=$'|[$][{][^}]#[}][^] \t\n"\';|&)}]'
  # NAME=value, NAME: value; f("NAME", "value")
  local given="$close(([+?:]|)=|:)$quotes($value|-)" comma=$'["\'][ \t]#,[ \t]#["\']'
  [[ $1 == *[=:,]* && $1 == *${~name}(${~given}|${~comma})* ]] && return 0
  # set NAME value, Set-Item Env:NAME -Value value, --token value
  local setting='(set[a-z-]#|put|add|new-[a-z]##)'
  [[ $1 == *[^a-z0-9_](-|${~setting})* ]] || return 1
  name="[^a-z0-9_]$setting($blank*|)$name|[^a-z0-9_-]-$tail$name"
  name="($name|[^a-z0-9_-]-($words)([_-]$tail|))"
  [[ $1 == *${~name}([\"\']|)${~blank}(${~blank}#-value${~blank}|)${~quotes}(${~value})* ]]
}

# Succeed if the text $1, in lower case $2, may give a value to one of the index's names.
_devkeys_gives_declared() {
  local state name
  _devkeys_state && _devkeys_learn "$state/shell-index" || return 1
  local -a names
  if [[ -n $long || $2 == *[^a-z0-9_](set[a-z-]#|put|add|new-[a-z]##)[$' \t']* ]]; then
    names=(${(s: :)1//[^A-Za-z0-9_]/ })
  else
    names=(${${${(s:=:)1//:/=}[1,-2]}%%[\"\'\`\\]#[]\)\}]#[$' \t']#([+?]|)})
    names=(${names##*[^A-Za-z0-9_]})
  fi
  for name in ${names##[0-9]##}; do
    (( ${+_devkeys_names[$name]} )) && return 0
  done
  return 1
}

# Learn the names in the index $1, unless they are those that are known already.
_devkeys_learn() {
  local index='' name status_of=''
  local -a fields
  [[ -f $1 ]] || return 1
  if [[ -z $_devkeys_zstat ]]; then
    builtin zmodload -F zsh/stat b:zstat 2>/dev/null && _devkeys_zstat=yes || _devkeys_zstat=no
  fi
  if [[ $_devkeys_zstat == yes ]] && builtin zstat -A fields "$1"; then
    # The file is always replaced as a whole: device, number, size and times tell.
    status_of="${fields[1,2]} $fields[8] ${fields[10,11]}"
    [[ $status_of == "$_devkeys_index" ]] && return 0
  fi
  _devkeys_read "$1" || return 1
  _devkeys_index=$status_of
  _devkeys_names=()
  for name in ${${(M)${(f)index}:#name *}#name }; do
    _devkeys_names[$name]=1
  done
}

# Set `state` to the directory of the index.
_devkeys_state() {
  if [[ $OSTYPE == darwin* ]]; then
    state="${HOME-}/Library/Application Support"
  elif [[ ${XDG_STATE_HOME-} == /* ]]; then
    state=$XDG_STATE_HOME
  else
    state=${HOME-}/.local/state
  fi
  state=${state%%/#}/devkeys
  [[ $state == /* ]]
}

# Set `index` to what the file $1 holds, if it is an ordinary one of no more than 1 MB.
_devkeys_read() {
  local -a file=("$1"(N-.rL-1048577))
  (( ${#file} )) && index=$(<$1)
}

# Succeed if devkeys says that the text $1 may be recorded; say what it says otherwise.
_devkeys_ask() {
  local answer code
  # A handler of unknown commands would answer for a devkeys that is not there, and what the
  # current directory has is none. Ctrl-\ would leave a core file. No comments inside: an
  # interactive zsh takes them for words.
  answer=$(
    builtin exec 2>/dev/null
    builtin unset -f command_not_found_handler
    builtin ulimit -S -c 0
    PATH=${(j.:.)${(M)${(s.:.)PATH}:#/*}}
    PATH=${PATH:-/dev/null}
    builtin print -rn -- "$1" | builtin command devkeys hook check zsh
  )
  code=$?
  (( code == 0 )) && return 0
  if (( code != 1 )) || [[ $answer != devkeys:\ * ]]; then
    answer=$_devkeys_unsure
  fi
  builtin print -r -u 2 -- "${(V)${answer%%$'\n'*}}"
  return 1
}

# Return 1, and never 2, if the command line $1 has to stay out of the history.
_devkeys_add() {
  _devkeys_enable
  if [[ ${DEVKEYS_HOOK-} != off && $1 != [[:space:]]#DEVKEYS_HOOK=([\"\']|)off([\"\']|)([\ \;]*|\
$'\n'|) ]]; then
    local kept_out=interrupted
    {
      if _devkeys_suspicious "$1" && ! _devkeys_ask "${1%$'\n'}"; then
        kept_out=yes
      else
        kept_out=
      fi
    } always {
      [[ -n $kept_out ]] && _devkeys_disable
      if [[ $kept_out == interrupted ]]; then # at a devkeys that hangs
        builtin print -r -u 2 -- "$_devkeys_unsure"
        TRY_BLOCK_ERROR=0 TRY_BLOCK_INTERRUPT=0
      fi
    }
    [[ -n $kept_out ]] && return 1
  fi
  # The hook behind this one calls it, and what zsh itself would call is over by now.
  [[ ${zshaddhistory_functions[2]-} == _devkeys_theirs ]] &&
    builtin enable -f zshaddhistory 2>/dev/null
  return 0
}

# Keep others who record from seeing the command that is kept out.
_devkeys_disable() {
  _devkeys_disabled=(${zshaddhistory_functions:#_devkeys_zshaddhistory} $_devkeys_recorders)
  builtin disable -f -- $_devkeys_disabled 2>/dev/null
  (( ${+_hishtory_command} )) && _hishtory_command=
}

# Let them see the next one.
_devkeys_enable() {
  (( ${#_devkeys_disabled} )) || return 0
  builtin enable -f -- $_devkeys_disabled 2>/dev/null
  _devkeys_disabled=()
}

# Before each prompt: see that the hook is where it has to be, and say the word at cd.
_devkeys_prompt() {
  _devkeys_enable
  _devkeys_take_place
  [[ ${DEVKEYS_HOOK-} == off ]] && return 0
  if (( ${+_comps} )) && [[ -z ${_comps[devkeys]-} ]]; then
    compdef _devkeys_complete devkeys
  fi
  [[ -z $_devkeys_place ]] && _devkeys_compare
  if [[ $PWD != "$_devkeys_place" ]]; then
    _devkeys_place=$PWD
    _devkeys_look
  fi
  return 0
}

# Say that this hook is not of the devkeys that wrote the index: after an upgrade.
_devkeys_compare() {
  local state index=''
  _devkeys_state && _devkeys_read "$state/shell-index" || return 0
  index=${index%%$'\n'*}
  [[ $index == 'devkeys-index 1 '[0-9A-Za-z.+-]## && $index != *' '$_devkeys_version ]] || return 0
  builtin print -r -u 2 -- "devkeys: this hook is of $_devkeys_version, devkeys is ${index##* } (devkeys hook install)"
}

# Be the first hook of zshaddhistory: the first answer counts, and a 2 of another one's would
# let the command into the file. A function of that very name is called before all hooks, so it
# is disabled at each prompt, and called by a hook right behind ours.
_devkeys_take_place() {
  local -a ours=(_devkeys_zshaddhistory)
  builtin disable -f zshaddhistory 2>/dev/null && ours+=(_devkeys_theirs)
  ours+=(${zshaddhistory_functions:#_devkeys_(zshaddhistory|theirs)})
  [[ "$ours" == "$zshaddhistory_functions" ]] || zshaddhistory_functions=($ours)
  if (( ! ${precmd_functions[(Ie)_devkeys_precmd]} )); then
    precmd_functions+=(_devkeys_precmd)
  fi
}

# Under the options of the user, and with their `$?`.
_devkeys_theirs() {
  zshaddhistory "$@"
}

# Say what the nearest .env.example lacks, once.
_devkeys_look() {
  local directory=${PWD:P} home=${${HOME:-/}:P}
  while [[ ! -e $directory/.env.example ]]; do
    [[ -e $directory/.git || $directory == ($home|/) ]] && return 0
    directory=${directory:h}
  done
  [[ $directory == *$'\n'* ]] && return 0
  local state index='' lack message
  _devkeys_state && _devkeys_read "$state/shell-index"
  lack=${${(M)${(f)index}:#checkout [0-9]## [0-9]## $directory}#checkout }
  if [[ -n $lack ]]; then
    lack=${lack%" $directory"}
    message="devkeys: ${lack/ / of } secrets missing (devkeys init)"
  else
    lack='? ?'
    message='devkeys: .env.example asks for secrets (devkeys init)'
  fi
  [[ $lack == 0\ * ]] && return 0
  lack+=" $directory"
  (( ${_devkeys_said[(Ie)$lack]} )) && return 0
  index=''
  _devkeys_read "$state/shell-said"
  (( ${${(f)index}[(Ie)$lack]} )) && return 0
  [[ $lack == \?* ]] && ! _devkeys_asks "$directory/.env.example" && return 0
  _devkeys_said+=("$lack")
  if [[ -d $state && -w $state && ( ! -e $state/shell-said || -f $state/shell-said ) ]]; then
    builtin print -r -- "$lack" 2>/dev/null >>"$state/shell-said"
  fi
  builtin print -r -u 2 -- "$message"
}

# Succeed if the file $1 has a name that is secret by its look in its first 500 lines.
_devkeys_asks() {
  local index='' line
  _devkeys_read "$1" || return 1
  for line in "${(@)${(@f)index}[1,500]}"; do
    line=${(L)${line#export }}
    line=${line//I/i}
    [[ $line == [a-z_][a-z0-9_]#=* && ${line%%=*} == *(${~_devkeys_parts})* ]] && return 0
  done
  return 1
}

# Offer what devkeys itself offers; a command behind `devkeys run --` is completed as ever.
_devkeys_complete() {
  builtin setopt local_options extended_glob
  local line word
  local -a offers
  local -i behind=${words[(ie)--]}
  if [[ $words[2] == (run|--) ]] && (( behind < CURRENT )); then
    words=("${(@)words[behind + 1, -1]}")
    (( CURRENT -= behind ))
    _normal
    return
  fi
  # One offer a line, a tab before what it does: nothing of it is evaluated.
  for line in ${(f)"$(
    _TYPER_COMPLETE_ARGS="devkeys ${(j: :)words[2,CURRENT]}" _TYPER_COMPLETE_FISH_ACTION=get-args \
      _DEVKEYS_COMPLETE=complete_fish builtin command devkeys 2>/dev/null
  )"}; do
    word=${line%%$'\t'*}
    [[ $word == [A-Za-z0-9_./@%+-]## ]] || continue
    [[ $line == *$'\t'* ]] && word+=:${(V)line#*$'\t'}
    offers+=("$word")
  done
  if (( ${#offers} )); then
    _describe -t values devkeys offers
  else
    _files
  fi
}

# What zsh calls runs under options of ours, whatever the user's are: `set -x` shows none of it,
# `set -e` does not end it. The user's traps do not see it either: the first command takes them
# away, after which DEBUG would be called, and zsh brings them back.
'builtin' 'emulate' -R zsh -o extended_glob -o no_multibyte -o no_aliases -o local_traps \
  -o no_debug_before_cmd -c '
    _devkeys_zshaddhistory() {
      builtin trap - DEBUG ZERR
      _devkeys_add "$1"
    }
    _devkeys_precmd() {
      builtin trap - DEBUG ZERR
      _devkeys_prompt
    }
    _devkeys_start() {
      builtin trap - DEBUG ZERR
      builtin typeset -ga zshaddhistory_functions precmd_functions
      _devkeys_take_place
    }
'

if [[ -o interactive ]]; then
  _devkeys_start
fi
for _devkeys_option in "${_devkeys_options[@]}"; do
  'builtin' 'setopt' $_devkeys_option
done
'builtin' 'unset' '_devkeys_option' '_devkeys_options'

# A stand-in for bash-preexec (https://github.com/rcaloras/bash-preexec), which no registry has: it
# does what that one documents, under the names that others look for. Functions of
# `preexec_functions` get each command, as `history 1` has it, before it runs; those of
# `precmd_functions` run before each prompt. It takes over the DEBUG trap and PROMPT_COMMAND at the
# first prompt, and keeps what was in either.
# shellcheck disable=SC2034  # others look at it
bash_preexec_imported=defined
precmd_functions=() preexec_functions=()
__bp_waiting=

__bp_interactive_mode() { __bp_waiting=yes; }

__bp_precmd_invoke_cmd() {
  __bp_status=$? BP_PIPESTATUS=("${PIPESTATUS[@]}")
  local each
  for each in "${precmd_functions[@]}"; do
    __bp_with_status
    "$each"
  done
}

__bp_with_status() { return "$__bp_status"; }

__bp_preexec_invoke_exec() {
  local each text
  if [[ $__bp_waiting ]]; then
    __bp_waiting=
    if [[ $PROMPT_COMMAND != *"$BASH_COMMAND"* ]]; then
      text=$(HISTTIMEFORMAT='' builtin history 1)
      text=${text#*[0-9][* ] }
      for each in "${preexec_functions[@]}"; do "$each" "$text"; done
    fi
  fi
  : "$1"
}

__bp_install() {
  local trap kept=${PROMPT_COMMAND%"$__bp_install_string"}
  # shellcheck disable=SC2154  # it comes from PROMPT_COMMAND
  eval "trap=($__bp_trap_string)"
  if [[ ${trap[2]-} ]]; then
    eval "__bp_original_debug_trap() { ${trap[2]}"$'\n'"}"
    preexec_functions+=(__bp_original_debug_trap)
  fi
  trap '__bp_preexec_invoke_exec "$_"' DEBUG
  HISTCONTROL=${HISTCONTROL//ignorespace/}
  PROMPT_COMMAND="__bp_precmd_invoke_cmd"$'\n'$kept$'\n'"__bp_interactive_mode"
  __bp_precmd_invoke_cmd
  __bp_interactive_mode
}

# shellcheck disable=SC2016  # it is for later
__bp_install_string=$'__bp_trap_string=$(trap -p DEBUG)\ntrap - DEBUG\n__bp_install'
PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}$__bp_install_string

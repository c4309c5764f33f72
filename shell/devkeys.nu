# devkeys for nushell: a typed secret stays out of the history, a word at cd, and completions.
const _devkeys_version = "0.1.0"
#
# Put `source "<path of this file>"` at the end of config.nu.
# DEVKEYS_HOOK=off makes all of it inert; before a command, it records that one on purpose.
#
# Only built-ins look at what is typed; `devkeys` is asked about a command that may hold a
# secret, and what it cannot say is kept out. nushell leaves out of its history what begins with
# a space. So the Enter key opens a menu first, whose one entry stands before the line and is
# either nothing or a space; it is taken at once and never seen. Enter then does what it did.
# (A key that runs a command instead would draw the prompt anew, and run all hooks, each time.)

# The tables and patterns are those of suspicion.py; it says what they are for.
const _devkeys_parts = ("key token secret pass pwd cred dsn salt pepper psk hmac cookie webhook
    bearer jwt mnemonic bindpw connection_string conn_string connectionstring
    service_account_json recovery_codes seed_phrase basic_auth browser_auth session ksm_config"
    | str replace --all --regex '\s+' '|')
const _devkeys_words = "pw|iv|pat|sas"
const _devkeys_databases = ("database db redis mongo mongodb postgres postgresql pg mysql mariadb
    sqlalchemy amqp rabbitmq cloudamqp broker jdbc cloudinary smtp email mail mailer valkey"
    | str replace --all --regex '\s+' '|')
const _devkeys_programs = ("mysql mariadb mycli sshpass redis-cli valkey-cli mongo ldap smbclient
    rpcclient smbget 7z rar unrar zip unzip mosquitto_ sqlcmd bcp htpasswd openssl xfreerdp
    wlfreerdp security rclone nmcli wpa_passphrase lftp sqlplus"
    | str replace --all --regex '\s+' '|')
const _devkeys_logins = "docker|podman|nerdctl|buildah|skopeo|helm|oras|crane|az|twine"
const _devkeys_clients = "curl|http|https|xh|xhs"
const _devkeys_keepers = "gh|vault|bao|doppler|infisical|fly|flyctl"
const _devkeys_sinks = ("devkeys sudo gh wrangler vercel docker podman chpasswd passwd pass gopass
    passage secret-tool gcloud"
    | str replace --all --regex '\s+' '|')
const _devkeys_prefixes = ("sk- gsk_ hf_ r8_ xai- pplx- nvapi- csk- fw_ tvly- pcsk_ lsv2_ e2b_
    AIza ya29. GOCSPX- AKIA ASIA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glptt-
    glcbt- glft- glimt- glagent- gloas- ATBB ATATT3 ATCTT3 xoxb- xoxp- xoxa- xoxs- xoxr- xoxe-
    xoxe. xapp- hooks.slack.com/ sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sq0csp- sq0atp- SG.
    key- xkeysib- xsmtpsib- re_ npm_ pypi- rubygems_ dckr_pat_ dckr_oat_ dop_v1_ doo_v1_ dor_v1_
    shpat_ shpss_ shpca_ shppa_ hvs. hvb. hvr. dp.pt. dp.st. dp.ct. dp.sa. dp.scim. ops_eyJ
    lin_api_ ntn_ secret_ figd_ PMAK- NRAK- glsa_ glc_ sntrys_ sntryu_ dapi pul- sbp_ sb_secret_
    pscale_tkn_ pscale_pw_ pscale_oauth_ fo1_ fm2_ nfp_ tskey- pat-na1- pat-eu1- sk.eyJ CFPAT-
    CCIPAT_ bkua_ sgp_ HRKU- AGE-SECRET-KEY- eyJ AccountKey="
    | str replace --all "." '\.' | str replace --all --regex '\s+' '|')
const _devkeys_infixes = '/api/webhooks/|:AA|PRIVATE KEY-----|\.atlasv1\.|8Q~' # .atlasv1.

const _devkeys_tail = "[a-z0-9_-]*"
const _devkeys_names = ([
    "(?:(?:" $_devkeys_parts ")" $_devkeys_tail
    "|(?:^|[^a-z0-9])(?:" $_devkeys_words ")(?:_" $_devkeys_tail ")?"
    "|(?:" $_devkeys_databases ")_ur[il]s?" $_devkeys_tail ")"
] | str join)
const _devkeys_value = r#'[ \t\n\\"@]*(?:[^]=~>) \t\n"$`(;|&<\\-]|[$]["']|[$][{]?[a-z_][a-z0-9_.:]*[}]?[^] \t\n"';|&)}a-z0-9_.:])'#
const _devkeys_sets = r#'(?i)(?:^|[^a-z0-9_])(?:set|setenv|set-env|setx|put|add)[ \t]'#
# NAME=value; set NAME value and --token value; headers; URLs; programs; pipes.
const _devkeys_typed = ([
    "(?i)" $_devkeys_names r#'["'`\\]*[])}]*[ \t]*(?:=|:)(?:[ \t\n\\"@]*-|'# $_devkeys_value ")"
    "|(?:" $_devkeys_sets r#'[^;|&\n]*|(?:^|[^a-z0-9_])-'# $_devkeys_tail ")"
    $_devkeys_names r#'["']?[ \t]'# $_devkeys_value
    r#'|authorization|bearer[ \t]|cookie:|://[^/ \t\n"'<>]*@'#
    r#'|(?:^|[^a-z0-9_.-])(?:(?:'# $_devkeys_programs r#')[a-z0-9_.-]*[ \t]'#
    r#'|(?:'# $_devkeys_logins r#')[ \t][^;|&\n]*(?:login|upload)'#
    r#'|(?:'# $_devkeys_clients r#')[ \t](?:[^;|&\n]*[ \t])?-(?:-[a-z-]*user|-auth|[a-z]*[ua])'#
    r#'|(?:'# $_devkeys_keepers r#')[ \t][^;|&\n]*(?:secret|=))'#
    r#'|[|]&?[ \t\n]*(?:'# $_devkeys_sinks r#')(?:[^a-z0-9_-]|$)'#
    r#'|(?:'# $_devkeys_sinks r#')[ \t][^\n]*<<|-(?:stdin|fd|with-token)(?:[^a-z0-9-]|$)'#
] | str join)
# As typed: a key of a known format.
const _devkeys_format = ([
    r#'(?:^|[^A-Za-z0-9]|\\[nrt]|%[0-9A-Fa-f][0-9A-Fa-f])(?:'# $_devkeys_prefixes
    ")[A-Za-z0-9_./+=-]{10}|" $_devkeys_infixes
] | str join)
const _devkeys_on_purpose = r#'^\s*(?:var |\$)?DEVKEYS_HOOK *= *['"]?off['"]?(?:[ ;]|$)'#
const _devkeys_unasked = "devkeys: kept out of history: it may hold a secret (devkeys could not be asked)"
const _devkeys_tag = 7305 # of our messages to the shell's own mailbox

# Say whether the text may hold a secret.
def _devkeys_suspicious [text: string]: nothing -> bool {
    if ($text | str length) > 16384 { return true } # bytes: characters would take longer
    ($text =~ $_devkeys_typed) or ($text =~ $_devkeys_format) or (_devkeys_declared $text)
}

# Say whether the text may give a value to a name of the index.
def _devkeys_declared [text: string]: nothing -> bool {
    let given = r#'(?<name>[A-Za-z_][A-Za-z0-9_]*)'#
    let names = if $text =~ $_devkeys_sets {
        $text | parse --regex $given
    } else if $text =~ "[=:]" {
        $text | parse --regex ($given + r#'["'`\\]*[])}]*[ \t]*[=:]'#)
    } else {
        return false
    }
    if ($names | is-empty) { return false }
    let lines = $names.name | uniq | each { $"name ($in)" }
    _devkeys_index | any { $in in $lines }
}

def _devkeys_state []: nothing -> string {
    let home = $env.HOME? | default ""
    let base = match $nu.os-info.name {
        "macos" => $"($home)/Library/Application Support"
        "windows" => ($env.LOCALAPPDATA? | default "")
        _ => (if ($env.XDG_STATE_HOME? | default "") starts-with "/" {
            $env.XDG_STATE_HOME
        } else {
            $"($home)/.local/state"
        })
    }
    $base | path join devkeys
}

# Return the lines of the index; none if there is no such file, or none that can be read.
def _devkeys_index []: nothing -> list<string> {
    let file = _devkeys_state | path join shell-index
    try {
        if ($file | path type) == "file" { open --raw $file | decode utf-8 | lines } else { [] }
    } catch { [] }
}

# Return what is to stand before the line: a space, which keeps it out of the history, or nothing.
def _devkeys_before [line: string]: nothing -> string {
    if ($line starts-with " ") or ($env.DEVKEYS_HOOK? == "off") { return "" }
    if not (_devkeys_suspicious $line) or ($line =~ $_devkeys_on_purpose) { return "" }
    let why = _devkeys_ask $line
    if ($why | is-empty) { return "" }
    $why | job send 0 --tag $_devkeys_tag
    " "
}

# Ask devkeys about the line; return why it is kept out, or nothing.
def _devkeys_ask [line: string]: nothing -> string {
    # As a job: while a line is edited nobody could stop a devkeys that hangs, but the clock.
    let tag = random int 1000000000..2000000000
    let asked = job spawn {
        try {
            $line | ^devkeys hook check nushell | complete
        } catch {
            {exit_code: 127 stdout: ""}
        } | job send 0 --tag $tag
    }
    let answer = try { job recv --tag $tag --timeout 5sec } catch { try { job kill $asked }; null }
    if $answer.exit_code? == 0 { return "" }
    let said = try { $answer.stdout | lines | first } catch { "" }
    let is_ours = $answer.exit_code? == 1 and $said =~ '^devkeys: [^\x00-\x1f\x7f]*$'
    if $is_ours { $said } else { $_devkeys_unasked }
}

# Return what was last found about a line, or nothing; after that there is nothing any more.
def _devkeys_why []: nothing -> any {
    let why = try { job recv --tag $_devkeys_tag --timeout 0sec } catch { return null }
    _devkeys_why | default $why
}

# Return the bindings that submit the line, the user's own and nushell's, with our menu before.
def _devkeys_bindings []: nothing -> list<any> {
    let modes = keybindings default | get mode | append vi_normal | uniq
    let plain = [
        {modifier: none keycode: enter mode: $modes event: {send: enter}}
        {
            modifier: control keycode: char_j
            mode: ($modes | where { $in !~ "normal|select" }) event: {send: enter}
        }
    ]
    let submits = '"(?i:enter|submit|submitornewline)"'
    let theirs = $env.config.keybindings
        | where { ($in.name? | default "") !~ "^devkeys" and ($in | to json) =~ $submits }
    $plain | append $theirs | where event != null | each {
        {
            name: (_devkeys_name)
            modifier: $in.modifier
            keycode: $in.keycode
            mode: $in.mode
            # The second is for the search in the history, which knows no lists of events.
            event: {until: [[...(_devkeys_first) $in.event] $in.event]}
        }
    }
}

# An open menu is asked to move, which Enter then forestalls; if none is open, ours is opened.
def _devkeys_first []: nothing -> list<any> {
    let ours = {send: menu name: devkeys}
    # Where one entry is not taken at once, Enter takes it.
    let check = if $env.config.completions.quick { [$ours] } else { [$ours {send: enter}] }
    # Old menus see what stands before the cursor only.
    let check = if (_devkeys_is_old) { [{edit: movetoend} ...$check] } else { $check }
    [{until: [{send: menuprevious} $check]}]
}

def _devkeys_name []: nothing -> string {
    if $env.config.completions.quick { "devkeys" } else { "devkeys_slow" }
}

def _devkeys_is_old []: nothing -> bool {
    let numbers = $env.NU_VERSION | split row "." | first 2 | each { into int }
    $numbers.0 == 0 and $numbers.1 < 114
}

# Bind our keys, unless they are: whatever was configured after us has bound its own.
def --env _devkeys_bind []: nothing -> nothing {
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
                let space = try { _devkeys_before $line } catch { " " }
                [{value: $space span: {start: 0 end: 0}}]
            }
        }]
    }
    if ($config.keybindings | is-empty) or ($config.keybindings | last).name? != (_devkeys_name) {
        let theirs = $config.keybindings | where { ($in.name? | default "") !~ "^devkeys" }
        $env.config.keybindings = [...$theirs ...(_devkeys_bindings)]
    }
}

# Return what is said about secrets that the nearest .env.example asks for, and the line that
# remembers it; nothing if nothing is to be said.
def _devkeys_missing []: nothing -> any {
    mut place = $env.PWD
    while not ($place | path join .env.example | path exists) {
        let above = $place | path dirname
        if $place in [($env.HOME? | default "") $above] or ($place | path join .git | path exists) {
            return
        }
        $place = $above
    }
    let end = $" ($place)"
    if $end =~ '\n' { return }
    let known = _devkeys_index
        | where { ($in starts-with "checkout ") and ($in ends-with $end) }
        | parse --regex '^checkout (?<missing>\d+) (?<wanted>\d+) (?<path>.*)'
        | where path == $place
    if ($known | is-empty) {
        if not (_devkeys_asks ($place | path join .env.example)) { return }
        return {line: $"? ?($end)" say: "devkeys: .env.example asks for secrets (devkeys init)"}
    }
    let of = $known | first
    if $of.missing == "0" { return }
    let said = $"devkeys: ($of.missing) of ($of.wanted) secrets missing \(devkeys init\)"
    {line: $"($of.missing) ($of.wanted)($end)" say: $said}
}

# Say whether one of the first lines of this .env.example gives a name that looks secret.
def _devkeys_asks [file: string]: nothing -> bool {
    if ($file | path expand | path type) != "file" { return false }
    open --raw $file | first 65536 | decode utf-8 | lines | first 500
    | parse --regex '^(?:export )?(?<name>[A-Za-z_][A-Za-z0-9_]*)='
    | any { $in.name =~ $"\(?i\)($_devkeys_parts)" }
}

# Say, once, what is missing in this checkout.
def --env _devkeys_word []: nothing -> nothing {
    if $env.DEVKEYS_HOOK? == "off" { return }
    let word = try { _devkeys_missing } catch { null }
    if $word == null or $word.line in ($env._devkeys_said? | default []) { return }
    # A list: it is not handed on to programs.
    $env._devkeys_said = ($env._devkeys_said? | default [] | append $word.line)
    let file = _devkeys_state | path join shell-said
    try {
        let is_there = ($file | path type) == "file"
        if $is_there and $word.line in (open --raw $file | decode utf-8 | lines) { return }
        if $is_there or not ($file | path exists) { $"($word.line)\n" | save --raw --append $file }
    }
    print --stderr $word.say
}

# Return the words that devkeys has for the end of the line, in the protocol that fish uses.
def _devkeys_words [spans: list<string>]: nothing -> any {
    let asked = {
        _DEVKEYS_COMPLETE: complete_fish
        _TYPER_COMPLETE_FISH_ACTION: get-args
        _TYPER_COMPLETE_ARGS: ($spans | str join " ")
    }
    let answer = try { with-env $asked { ^devkeys | complete } } catch { return null }
    let lines = $answer.stdout | lines
    if $answer.exit_code != 0 or ($lines | is-empty) { return null } # files are offered
    $lines | each {|line|
        let parts = $line | split row --number 2 "\t"
        {value: $parts.0 description: ($parts.1? | default "")}
    }
}

# Say whether what a hook or a completer runs is ours.
def _devkeys_is_ours [code: any]: nothing -> bool {
    try { (view source $code) =~ "_devkeys_" } catch { false }
}

if $nu.is-interactive {
    _devkeys_bind
    let hooks = $env.config.hooks
    if not ($hooks.pre_prompt | default [] | any { _devkeys_is_ours $in }) {
        $env.config.hooks.pre_prompt = ($hooks.pre_prompt | default [] | append {||
            _devkeys_why | ignore # the line was given up
            _devkeys_bind
        })
    }
    if not ($hooks.pre_execution | default [] | any { _devkeys_is_ours $in }) {
        $env.config.hooks.pre_execution = (
            $hooks.pre_execution | default [] | append {||
                let why = _devkeys_why
                if $why != null { print --stderr $why }
            }
        )
    }
    if not ($hooks.env_change.PWD? | default [] | any { _devkeys_is_ours $in }) {
        $env.config.hooks.env_change = ($hooks.env_change | default {} | merge {
            PWD: ($hooks.env_change.PWD? | default [] | append {|_ _| _devkeys_word })
        })
    }
    let completer = $env.config.completions.external.completer
    if not (_devkeys_is_ours $completer) {
        $env.config.completions.external.completer = {|spans|
            if $spans.0 == "devkeys" {
                _devkeys_words $spans
            } else if $completer != null {
                do $completer $spans
            }
        }
    }
    if not ($env.config.history.ignore_space_prefixed? | default true) {
        print --stderr "devkeys: typed secrets stay in the history while $env.config.history.ignore_space_prefixed is false"
    }
    if $env.config.edit_mode == "vi" and (_devkeys_is_old) {
        print --stderr "devkeys: typed secrets stay in the history: vi mode needs nushell 0.114"
    }
    if not $env.config.completions.quick and not $env.config.completions.partial {
        print --stderr "devkeys: typed secrets stay in the history while $env.config.completions.quick and .partial are both false"
    }
}

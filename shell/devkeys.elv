# devkeys for elvish: a typed secret stays out of the history, a word at cd, and completions.
var _devkeys_version = 0.1.0
#
# Put `eval (slurp < <path of this file>)` into rc.elv. What is defined here is seen in here only.
# `set-env DEVKEYS_HOOK off` makes all of it inert; `var DEVKEYS_HOOK = off; command` records that
# command on purpose.
#
# Only built-ins look at what is typed; `devkeys` is asked about a command that may hold a secret,
# and what it cannot say is kept out. elvish records what a filter throws at: so ours never does.

use path
use platform
use re
use str

fn any-of {|text| str:join '|' [(re:split '\s+' $text | each $re:quote~)] }

# The tables and patterns are those of suspicion.py; it says what they are for.
var parts = (any-of 'key token secret pass pwd cred dsn salt pepper psk hmac cookie webhook bearer
  jwt mnemonic bindpw connection_string connection-string conn_string conn-string connectionstring
  service_account_json service-account-json recovery_codes recovery-codes seed_phrase seed-phrase
  basic_auth basic-auth browser_auth browser-auth session ksm_config')
var words = (any-of 'pw iv pat sas')
var databases = (any-of 'database db redis mongo mongodb postgres postgresql pg mysql mariadb
  sqlalchemy amqp rabbitmq cloudamqp broker jdbc cloudinary smtp email mail mailer valkey')
var programs = (any-of 'mysql mariadb mycli sshpass redis-cli valkey-cli mongo ldap smbclient
  rpcclient smbget 7z rar unrar zip unzip mosquitto_ sqlcmd bcp htpasswd openssl xfreerdp wlfreerdp
  security rclone nmcli wpa_passphrase lftp sqlplus ssh-keygen rabbitmqctl mkpasswd ansible-vault
  cmdkey')
var logins = (any-of 'docker podman nerdctl buildah skopeo helm oras crane az twine vault bao bw
  cargo wandb snyk ngrok doctl glab')
var clients = (any-of 'curl http https xh xhs')
var keepers = (any-of 'gh vault bao doppler infisical fly flyctl aws az eas pulumi')
var sinks = (any-of 'devkeys sudo gh wrangler vercel docker podman chpasswd passwd pass gopass
  passage secret-tool gcloud')
var prefixes = (any-of 'sk- gsk_ hf_ r8_ xai- pplx- nvapi- csk- fw_ tvly- pcsk_ lsv2_ e2b_ AIza
  ya29. GOCSPX- AKIA ASIA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glptt- glcbt-
  glft- glimt- glagent- gloas- ATBB ATATT3 ATCTT3 xoxb- xoxp- xoxa- xoxs- xoxr- xoxe- xoxe. xapp-
  hooks.slack.com/ sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sq0csp- sq0atp- SG. key- xkeysib-
  xsmtpsib- re_ npm_ pypi- rubygems_ dckr_pat_ dckr_oat_ dop_v1_ doo_v1_ dor_v1_ shpat_ shpss_
  shpca_ shppa_ hvs. hvb. hvr. dp.pt. dp.st. dp.ct. dp.sa. dp.scim. ops_eyJ lin_api_ ntn_ secret_
  figd_ PMAK- NRAK- glsa_ glc_ sntrys_ sntryu_ dapi pul- sbp_ sb_secret_ pscale_tkn_ pscale_pw_
  pscale_oauth_ fo1_ fm2_ nfp_ tskey- pat-na1- pat-eu1- sk.eyJ CFPAT- CCIPAT_ bkua_ sgp_ HRKU-
  AGE-SECRET-KEY- eyJ AccountKey=')
var infixes = '/api/webhooks/|:AA|PRIVATE KEY-----|[.]atlasv1[.]|8Q~'

var tail = '[a-z0-9_-]*'
var names = (str:join '' [
  '(?:(?:'$parts')'$tail'|(?:^|[^a-z0-9])(?:'$words')(?:[_-]'$tail')?'
  '|(?:'$databases')[_-]?ur[il]s?'$tail')'
])
var quotes = '[ \t\n\\"@]*'
var value = (str:join '' [
  '(?:[^]=~>) \t\n"$`(;|&<\\-]|["\\][]=~>)(;|&<-]|[$][^a-z_{( \t\n]|[\\][$]|[=~][a-z0-9]'
  '|[$][a-z_][a-z0-9_.:]*[^] \t\n"'';|&)}a-z0-9_.:]|[$][{][^}]*[}][^] \t\n"'';|&)}])'
])
var setting = '(?:^|[^a-z0-9_])(?:set[a-z-]*|put|add|new-[a-z]+)'
# NAME=value; set NAME value and --token value; headers; URLs; SQL; programs; pipes.
var typed = (str:join '' [
  '(?is)'$names'(?:["''`\\]*[])}]*[ \t]*(?:[+?:]?=|:)'$quotes'(?:'$value'|-)'
  '|["''][ \t]*,[ \t]*["''])'
  '|(?:(?:'$setting'(?:[ \t].*)?|(?:^|[^a-z0-9_-])-'$tail')'$names
  '|(?:^|[^a-z0-9_-])-(?:'$words')(?:[_-]'$tail')?)'
  '["'']?[ \t](?:[ \t]*-value[ \t])?'$quotes$value
  '|authorization|bearer[ \t]|cookie:|://[^/ \t\n"''<>]*@'
  '|(?:password|identified[ \t]+by)[ \t]+[\\"]*'''
  '|securestring[ \t]|machine[ \t].*password[ \t]'
  '|(?:^|[^a-z0-9_.-])(?:(?:'$programs')[a-z0-9_.-]*[ \t]'
  '|(?:'$logins')(?:[.]exe)?[ \t].*(?:login|upload|auth|unlock|unseal)'
  '|(?:'$clients')(?:[.]exe)?[ \t](?:.*[ \t\n])?-(?:-[a-z-]*user|-auth|[a-z]*[ua])'
  '|(?:'$keepers')(?:[.]exe)?[ \t].*(?:secret|=|-value))'
  '|[|](?:[^|]*[^a-z0-9_-])?(?:'$sinks')(?:[^a-z0-9_-]|$)'
  '|(?:'$sinks')[ \t].*<[<(]|-(?:stdin|fd|with-token)(?:[^a-z0-9-]|$)'
])
# A key of a known format; here case counts.
var format = (str:join '' [
  '(?:^|[^A-Za-z0-9]|\\[nrt]|[0-9]m|%[0-9A-Fa-f][0-9A-Fa-f]|\\[ux][0-9A-Fa-f]+)(?:'
  $prefixes')[A-Za-z0-9_./+=-]{10}|'$infixes
])
var on-purpose = '^\s*(?:var |\$)?DEVKEYS_HOOK *= *[''"]?off[''"]?(?:[ ;]|$)'
var longest = 16384
var kept-out = 'devkeys: kept out of history:'
var unsure = $kept-out' it may hold a secret (devkeys could not be asked)'
var nowhere = /dev/null
if $platform:is-windows { set nowhere = NUL }

fn is-off { eq $E:DEVKEYS_HOOK off }

# Say one line to the user, and nothing if that cannot be.
fn say {|line| try { echo $line >&2 } catch { nop } }

fn state-dir {
  var base = $E:XDG_STATE_HOME
  if $platform:is-windows {
    set base = $E:LOCALAPPDATA
  } elif (eq $platform:os darwin) {
    set base = $E:HOME'/Library/Application Support'
  } elif (not (path:is-abs $base)) {
    set base = $E:HOME/.local/state
  }
  path:join $base devkeys
}

# elvish before 0.20 cannot tell how many bytes a file has.
var size-of~ = {|_| put 0 }
try {
  eval 'use os; fn size-of {|file| put (os:stat &follow-symlink $file)[size] }' &on-end={|found|
    set size-of~ = $found[size-of~]
  }
} catch { nop }

# Put what this file holds; nothing if it cannot be read, or is no text that is worth it.
fn text-of {|file|
  var text = ''
  try {
    if (and (path:is-regular &follow-symlink $file) (<= (size-of $file) 1048576)) {
      set text = (slurp < $file)
    }
  } catch { nop }
  put $text
}

fn lines-of {|file| str:split "\n" (text-of $file) }

fn index-file { path:join (state-dir) shell-index }

fn index { lines-of (index-file) }

# Say whether the text may give a value to a name of the index.
fn gives-declared {|text|
  var named = '[A-Za-z_][A-Za-z0-9_]*'
  if (not (re:match '(?i)'$setting'[ \t]' $text)) {
    if (not (re:match '[=:]' $text)) { put $false; return }
    set named = '('$named')["''`\\]*[])}]*[ \t]*(?:[+?:]?=|:)'
  } else {
    set named = '('$named')'
  }
  var known = (text-of (index-file))
  if (str:contains $known "\nname ") {
    for found [(re:find $named $text)] {
      if (str:contains $known "\nname "$found[groups][1][text]"\n") { put $true; return }
    }
  }
  put $false
}

# Say whether the text may hold a secret.
fn suspicious {|text|
  or (> (count $text) $longest) (re:match $typed $text) (re:match $format $text) ^
    (gives-declared $text)
}

# Ask devkeys, but none of the current directory, about the text; put why it is kept out, or nothing.
fn ask {|text|
  var code = 0
  tmp paths = [(each {|folder| if (path:is-abs $folder) { put $folder } } $paths)]
  var answer = (print $text | {
    try { e:devkeys hook check elvish 2>$nowhere } catch e {
      try { set code = $e[reason][exit-status] } catch { set code = 127 }
    }
  } | slurp)
  if (eq $code 0) { return }
  var said = (re:replace '(?s)\n.*' '' $answer)
  if (and (eq $code 1) (re:match '^devkeys: [^\x00-\x1f\x7f]*$' $said)) {
    put $said
  } else {
    put $unsure
  }
}

# Put $false for what has to stay out of the history, and nothing else but one truth.
var filter = {|command &_devkeys=hook|
  var records = $false
  try {
    if (or (is-off) (not (suspicious $command)) (re:match $on-purpose $command)) {
      set records = $true
    } else {
      var why = [(ask $command)]
      if (eq $why []) { set records = $true } else { say $why[0] }
    }
  } catch {
    say $unsure
  }
  put $records
}

fn exists {|file| try { nop (path:eval-symlinks $file); put $true } catch { put $false } }

# Put the nearest directory with a .env.example, not past a repository's top or HOME, or nothing.
fn find-example {
  var place = (path:eval-symlinks $pwd)
  var home = (try { path:eval-symlinks $E:HOME } catch { put $E:HOME })
  while (not (exists (path:join $place .env.example))) {
    var above = (path:dir $place)
    if (or (has-value [$home $above] $place) (exists (path:join $place .git))) { return }
    set place = $above
  }
  put $place
}

# Say whether one of the first lines of this .env.example gives a name that looks secret.
fn asks-for-secrets {|file|
  for line [(lines-of $file | take 500)] {
    if (re:match '(?i)^(?:export )?[a-z_]\w*=' $line) {
      if (re:match '(?i)^[^=]*(?:'$parts')' $line) {
        put $true
        return
      }
    }
  }
  put $false
}

# Put what is to be said about the secrets of this checkout, and the line that remembers that it
# was said; nothing if there is nothing to be said.
fn find-word {
  for place [(find-example)] {
    if (str:contains $place "\n") { return }
    for line [(index)] {
      for found [(re:find '^checkout (\d+) (\d+) ' $line)] {
        if (not-eq $line[$found[end]..] $place) { continue }
        var missing wanted = $found[groups][1][text] $found[groups][2][text]
        if (not-eq $missing 0) {
          put 'devkeys: '$missing' of '$wanted' secrets missing (devkeys init)'
          put $missing' '$wanted' '$place
        }
        return
      }
    }
    if (asks-for-secrets (path:join $place .env.example)) {
      put 'devkeys: .env.example asks for secrets (devkeys init)' '? ? '$place
    }
  }
}

var said = [&]

# Say, once, what is missing in this checkout.
fn say-word {
  var word = [(find-word)]
  if (or (eq $word []) (has-key $said $word[1])) { return }
  set said[$word[1]] = $true
  var file = (path:join (state-dir) shell-said)
  if (has-value [(lines-of $file)] $word[1]) { return }
  if (or (not (exists $file)) (path:is-regular &follow-symlink $file)) {
    try { echo $word[1] >> $file } catch { nop }
  }
  say $word[0]
}

var is-compared = $false

# Say, once, that the devkeys that wrote the index is not the one that this file came with.
fn compare-versions {
  if $is-compared { return }
  set is-compared = $true
  for found [(index | take 1 | each {|line| re:find '^devkeys-index 1 ([\w.+-]+)$' $line })] {
    var version = $found[groups][1][text]
    if (not-eq $version $_devkeys_version) {
      var stale = 'devkeys: this hook is of '$_devkeys_version', devkeys is '$version
      say $stale' (devkeys hook install)'
    }
  }
}

# Put the lines that devkeys has for the last of these words, in the protocol that fish uses: a
# word, a tab, and what it is for.
fn offers-for {|@words|
  try {
    tmp E:_DEVKEYS_COMPLETE = complete_fish
    tmp E:_TYPER_COMPLETE_FISH_ACTION = get-args
    tmp E:_TYPER_COMPLETE_ARGS = (str:join ' ' $words)
    e:devkeys 2>$nowhere | from-lines
  } catch { nop }
}

var put-in-place = { nop }
var place-of-the-last-prompt = ''

# Before each prompt.
var at-prompt = {|&_devkeys=hook|
  try {
    $put-in-place
    if (not (is-off)) {
      compare-versions
      if (not-eq $pwd $place-of-the-last-prompt) {
        set place-of-the-last-prompt = $pwd
        say-word
      }
    }
  } catch { nop }
}

# Put the functions of a list without ours: those have an option of this name.
fn without-ours {|functions|
  for function $functions {
    var options = (try { put $function[opt-names] } catch { put [] })
    if (not (has-value $options _devkeys)) { put $function }
  }
}

# Only an interactive elvish has the names of its editor; another one could not read this.
var at-the-editor = '
  # A command behind `devkeys run --` is completed as ever.
  fn complete {|@words|
    for place [(range 2 (- (count $words) 1))] {
      if (and (eq $words[1] run) (eq $words[$place] --)) {
        edit:complete-sudo sudo (all $words[(+ $place 1)..])
        return
      }
    }
    var offers = [(offers-for $@words)]
    if (eq $offers []) {
      edit:complete-filename $@words
      return
    }
    for offer $offers {
      var word description @_ = (str:split "\t" $offer) ""
      var display = $word
      if (not-eq $description "") { set display = $word" ("$description")" }
      edit:complex-candidate $word &code-suffix=" " &display=$display
    }
  }

  # See that the hook is where it has to be: what is configured later may have removed it.
  fn take-place {
    if (not (has-value $edit:add-cmd-filters $filter)) {
      set edit:add-cmd-filters = [(without-ours $edit:add-cmd-filters) $filter]
    }
    if (not (has-value $edit:before-readline $at-prompt)) {
      set edit:before-readline = [(without-ours $edit:before-readline) $at-prompt]
    }
  }

  set put-in-place = $take-place~
  set edit:completion:arg-completer[devkeys] = $complete~
  take-place
'
try { eval 'nop $edit:add-cmd-filters' } catch { set at-the-editor = nop }
eval $at-the-editor

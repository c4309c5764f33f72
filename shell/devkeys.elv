# devkeys for elvish: a typed secret stays out of the history, a word at cd, and completions.
var _devkeys_version = 0.1.0
#
# Put `eval (devkeys hook elvish | slurp)` into rc.elv: it is evaluated in a namespace of its own.
# DEVKEYS_HOOK=off in the environment makes all of it inert; `var DEVKEYS_HOOK = off; ...` records
# that one command on purpose.
#
# Only built-ins look at what is typed; `devkeys` is asked about a command that may hold a secret,
# and what it cannot say is kept out. elvish asks its add-cmd-filters, before the command is run,
# whether to record it. One that throws is passed over, so ours never does.

use path
use re
use str

fn any {|list| str:join '|' $list }
fn glue {|list| str:join '' $list }

# The tables and patterns are those of suspicion.py; it says what they are for.
var parts = (any [
  key token secret pass pwd cred dsn salt pepper psk hmac cookie webhook bearer jwt mnemonic bindpw
  connection_string connection-string conn_string conn-string connectionstring
  service_account_json service-account-json recovery_codes recovery-codes seed_phrase seed-phrase
  basic_auth basic-auth browser_auth browser-auth session ksm_config
])
var words = (any [pw iv pat sas])
var databases = (any [
  database db redis mongo mongodb postgres postgresql pg mysql mariadb sqlalchemy amqp rabbitmq
  cloudamqp broker jdbc cloudinary smtp email mail mailer valkey
])
var programs = (any [
  mysql mariadb mycli sshpass redis-cli valkey-cli mongo ldap smbclient rpcclient smbget 7z rar
  unrar zip unzip mosquitto_ sqlcmd bcp htpasswd openssl xfreerdp wlfreerdp security rclone nmcli
  wpa_passphrase lftp sqlplus ssh-keygen rabbitmqctl mkpasswd ansible-vault cmdkey
])
var logins = (any [
  docker podman nerdctl buildah skopeo helm oras crane az twine vault bao bw cargo wandb snyk
  ngrok doctl glab
])
var clients = (any [curl http https xh xhs])
var keepers = (any [gh vault bao doppler infisical fly flyctl aws az eas pulumi])
var sinks = (any [
  devkeys sudo gh wrangler vercel docker podman chpasswd passwd pass gopass passage secret-tool
  gcloud
])
var prefixes = [
  sk- gsk_ hf_ r8_ xai- pplx- nvapi- csk- fw_ tvly- pcsk_ lsv2_ e2b_ AIza ya29. GOCSPX- AKIA ASIA
  ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glptt- glcbt- glft- glimt- glagent-
  gloas- ATBB ATATT3 ATCTT3 xoxb- xoxp- xoxa- xoxs- xoxr- xoxe- xoxe. xapp- hooks.slack.com/
  sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sq0csp- sq0atp- SG. key- xkeysib- xsmtpsib- re_ npm_
  pypi- rubygems_ dckr_pat_ dckr_oat_ dop_v1_ doo_v1_ dor_v1_ shpat_ shpss_ shpca_ shppa_ hvs.
  hvb. hvr. dp.pt. dp.st. dp.ct. dp.sa. dp.scim. ops_eyJ lin_api_ ntn_ secret_ figd_ PMAK- NRAK-
  glsa_ glc_ sntrys_ sntryu_ dapi pul- sbp_ sb_secret_ pscale_tkn_ pscale_pw_ pscale_oauth_ fo1_
  fm2_ nfp_ tskey- pat-na1- pat-eu1- sk.eyJ CFPAT- CCIPAT_ bkua_ sgp_ HRKU- AGE-SECRET-KEY- eyJ
  AccountKey=
]
var infixes = [/api/webhooks/ :AA 'PRIVATE KEY-----' .atlasv1. 8Q~]

var tail = '[a-z0-9_-]*'
var names = (glue [
  '(?:(?:'$parts')'$tail'|(?:^|[^a-z0-9])(?:'$words')(?:[_-]'$tail')?'
  '|(?:'$databases')[_-]?ur[il]s?'$tail')'
])
var quotes = '[ \t\n\\"@]*'
var value = (glue [
  '(?:[^]=~>) \t\n"$`(;|&<\\-]|["\\][]=~>)(;|&<-]|[$][^a-z_{( \t\n]|[\\][$]|[=~][a-z0-9]'
  '|[$][a-z_][a-z0-9_.:]*[^] \t\n"'';|&)}a-z0-9_.:]|[$][{][^}]*[}][^] \t\n"'';|&)}])'
])
var setting = '(?:^|[^a-z0-9_])(?:set[a-z-]*|put|add|new-[a-z]+)'
# NAME=value; set NAME value and --token value; headers; URLs; SQL; programs; pipes.
var typed = (glue [
  '(?is)'$names'(?:["''`\\]*[])}]*[ \t]*(?:[+?:]?=|:)'$quotes'(?:'$value'|-)'
  '|["''][ \t]*,[ \t]*["''])|(?:(?:'$setting'(?:[ \t].*)?|(?:^|[^a-z0-9_-])-'$tail')'$names
  '|(?:^|[^a-z0-9_-])-(?:'$words')(?:[_-]'$tail')?)["'']?[ \t](?:[ \t]*-value[ \t])?'
  $quotes$value'|authorization|bearer[ \t]|cookie:|://[^/ \t\n"''<>]*@'
  '|(?:password|identified[ \t]+by)[ \t]+[\\"]*''|securestring[ \t]'
  '|machine[ \t].*password[ \t]|(?:^|[^a-z0-9_.-])(?:(?:'$programs')[a-z0-9_.-]*[ \t]'
  '|(?:'$logins')(?:[.]exe)?[ \t].*(?:login|upload|auth|unlock|unseal)'
  '|(?:'$clients')(?:[.]exe)?[ \t](?:.*[ \t\n])?-(?:-[a-z-]*user|-auth|[a-z]*[ua])'
  '|(?:'$keepers')(?:[.]exe)?[ \t].*(?:secret|=|-value))'
  '|[|](?:[^|]*[^a-z0-9_-])?(?:'$sinks')(?:[^a-z0-9_-]|$)'
  '|(?:'$sinks')[ \t].*<[<(]|-(?:stdin|fd|with-token)(?:[^a-z0-9-]|$)'
])
# A key of a known format; here case counts.
var format = (glue [
  '(?:^|[^A-Za-z0-9]|\\[nrt]|[0-9]m|%[0-9A-Fa-f][0-9A-Fa-f]|\\[ux][0-9A-Fa-f]+)(?:'
  (any [(each $re:quote~ $prefixes)])')[A-Za-z0-9_./+=-]{10}|'(any [(each $re:quote~ $infixes)])
])
var on-purpose = '^\s*(?:var |\$)?DEVKEYS_HOOK *= *[''"]?off[''"]?(?:[ ;]|$)'
var unasked = 'devkeys: kept out of history: it may hold a secret (devkeys could not be asked)'

# Say on the terminal, where it is not taken for the answer of a filter.
fn say {|line| echo $line >&2 }

fn state-file {|name|
  var base = $E:XDG_STATE_HOME
  if (path:is-dir &follow-symlink /System/Library/CoreServices) {
    set base = $E:HOME'/Library/Application Support'
  } elif (not (str:has-prefix $base /)) {
    set base = $E:HOME/.local/state
  }
  put $base/devkeys/$name
}

# Put the lines of this file of the state directory; none if it cannot be read.
fn lines-of {|name|
  try {
    var file = (state-file $name)
    if (path:is-regular $file) { from-lines < $file }
  } catch { }
}

# Say whether the text may give a value to a name of the index.
fn gives-declared {|text|
  var given = '["''`\\]*[])}]*[ \t]*(?:[+?:]?=|:)'
  if (re:match '(?i)'$setting'[ \t]' $text) {
    set given = ''
  } elif (not (re:match '[=:]' $text)) {
    put $false
    return
  }
  var lines = [&]
  for found [(re:find '([A-Za-z_][A-Za-z0-9_]*)'$given $text)] {
    set lines['name '$found[groups][1][text]] = $true
  }
  if (eq $lines [&]) { put $false; return }
  var declared = $false
  for line [(lines-of shell-index)] {
    if (has-key $lines $line) { set declared = $true; break }
  }
  put $declared
}

# Say whether the text may hold a secret.
fn suspicious {|text|
  # The bytes are counted: to count characters takes longer.
  or (> (count $text) 16384) (re:match $typed $text) (re:match $format $text) (gives-declared $text)
}

# Ask devkeys about the text; put why it is kept out, or nothing.
fn ask {|text|
  var why = $unasked
  var answer = [(
    try {
      print $text | e:devkeys hook check elvish 2>$path:dev-null
      put [0]
    } catch e {
      # One who reads nothing does not end well, whatever else there is.
      try { put [$e[reason][exit-status]] } catch { put [127] }
    }
  )]
  var status = [(each {|x| if (eq (kind-of $x) list) { put $x[0] } } $answer)][0]
  var said = [(each {|x| if (eq (kind-of $x) string) { put $x } } $answer)]
  if (==s $status 0) {
    set why = ''
  } elif (and (==s $status 1) (> (count $said) 0)) {
    if (re:match '^devkeys: [^\x00-\x1f\x7f]*$' $said[0]) { set why = $said[0] }
  }
  put $why
}

# Say whether this command is to be recorded.
fn filter {|text|
  var why = $unasked
  try {
    if (or (==s $E:DEVKEYS_HOOK off) (not (suspicious $text)) (re:match $on-purpose $text)) {
      set why = ''
    } else {
      set why = (ask $text)
    }
  } catch { }
  if (not-eq $why '') { try { say $why } catch { } }
  eq $why ''
}

# Put the nearest directory with a .env.example, not past a repository's top or HOME.
fn find-example {|place|
  while $true {
    if (or (path:is-regular &follow-symlink $place/.env.example)) {
      put $place
      return
    }
    var above = (path:dir $place)
    if (or (==s $place $E:HOME) (==s $place $above) ?(test -e $place/.git)) { return }
    set place = $above
  }
}

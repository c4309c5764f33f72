# devkeys for PowerShell (Windows PowerShell 5.1 and PowerShell 7, with PSReadLine 2): keeps secrets
# that are typed at the prompt out of the history, says a word at cd, and completes `devkeys`.
# docs/shells.md tells how it works. All is ASCII: 5.1 reads files in the language of the system.
$global:_devkeys_version = '0.1.0'

if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Write-Warning 'devkeys: in this language mode secrets cannot be kept out of the history'
}
elseif ($null -eq (Get-Module -Name PSReadLine)) {
    # A script, or a host without a line editor: nothing is written there.
}
elseif ($null -eq (Get-Variable -Name _devkeys_module -Scope Global -ErrorAction Ignore)) {
    # A module, so that neither its functions nor its variables are among the user's.
    $global:_devkeys_module = New-Module -Name devkeys -ArgumentList @(
        @(Get-Module -Name PSReadLine)[0].Version
    ) -ScriptBlock {
        param([version] $psReadLine)
        Set-StrictMode -Version 2.0
        $ErrorActionPreference = 'Stop'
        $script:notAsked = 'devkeys: kept out of history: ' +
            'it may hold a secret (devkeys could not be asked)'
        $script:asksOnlyAboutTyped = $psReadLine -ge [version] '2.3'
        $script:first = (Get-PSReadLineOption).AddToHistoryHandler
        $script:previous = $null    # the handler that was there before ours
        $script:asking = $false
        $script:own = $null         # ours, as PSReadLine keeps it
        $script:installed = 0
        $script:patterns = $null
        $script:kept = New-Object System.Collections.ArrayList
        $script:directory = ''
        $script:compared = $false
        $script:said = New-Object System.Collections.ArrayList

        # --- what is recorded -------------------------------------------------------------------

        # PSReadLine calls it once a command was accepted and before it runs. $false skips it, in
        # all versions. More than one value would be taken for "record it"; an exception would
        # throw the command away.
        $script:handler = {
            param([string] $line)
            if ($script:asking) {
                return (Get-Option $script:first $line)  # a handler that calls what it replaced
            }
            $keepsOut = $true
            $option = $false
            $script:asking = $true
            try {
                $keepsOut = [bool] (Test-KeepsOut $line)
                if (-not $keepsOut) {
                    $option = Get-Option $script:previous $line
                }
            }
            catch {
                [Console]::Error.WriteLine($script:notAsked)
            }
            finally {
                $script:asking = $false
            }
            if ($keepsOut) {
                return $false
            }
            return $option
        }

        # What the handler says that was there before; where somebody took it away, record.
        function Get-Option($handler, [string] $line) {
            if ($null -eq $handler) {
                return $true
            }
            try {
                return $handler.Invoke($line)
            }
            catch {
                return (Get-DefaultOption $line)
            }
        }

        function Get-DefaultOption([string] $line) {
            try {
                return [Microsoft.PowerShell.PSConsoleReadLine]::GetDefaultAddToHistoryOption($line)
            }
            catch {
                return $true  # before PSReadLine 2.0.0-rc1
            }
        }

        # Stand before the handler that is there: PSReadLine's own, or the user's. Profiles set
        # theirs late, so this is done again at each prompt; not for ever, should it not hold.
        function Set-Handler {
            $current = (Get-PSReadLineOption).AddToHistoryHandler
            if ($null -ne $script:own -and [object]::ReferenceEquals($current, $script:own)) {
                return
            }
            if ($script:installed -ge 20) {
                return
            }
            $script:installed += 1
            $script:previous = $current
            Set-PSReadLineOption -AddToHistoryHandler $script:handler
            $script:own = (Get-PSReadLineOption).AddToHistoryHandler
        }

        function Test-KeepsOut([string] $text) {
            if ([Environment]::GetEnvironmentVariable('DEVKEYS_HOOK') -ceq 'off') {
                return $false
            }
            if (-not (Test-Typed $text) -or -not (Test-Suspicion $text)) {
                return $false
            }
            $answer = Get-Answer $text
            if ('' -ceq $answer) {
                return $false
            }
            $null = $script:kept.Add($text)
            [Console]::Error.WriteLine($answer)
            return $true
        }

        # PSReadLine before 2.3 also asks about each line of the file that it reads.
        function Test-Typed([string] $text) {
            if ($script:asksOnlyAboutTyped) {
                return $true
            }
            $typed = $null
            $cursor = $null
            try {
                [Microsoft.PowerShell.PSConsoleReadLine]::GetBufferState(
                    [ref] $typed, [ref] $cursor)
            }
            catch {
                return $true
            }
            return $typed -ceq $text
        }

        # Get-History, the list of the session, has them all the same until the next prompt.
        function Clear-Kept {
            if ($script:kept.Count -eq 0) {
                return
            }
            foreach ($entry in @(Get-History)) {
                if ($script:kept.Contains($entry.CommandLine)) {
                    Clear-History -Id $entry.Id
                }
            }
            $script:kept.Clear()
        }

        # --- the judge --------------------------------------------------------------------------

        # Return '' if devkeys finds no secret, else what is to be said.
        function Get-Answer([string] $text) {
            try {
                $answer = Invoke-Devkeys 'hook check powershell' $text @{}
                if ($answer.Code -eq 0) {
                    return ''
                }
                $line = ($answer.Output -split "`n")[0].TrimEnd()
                if ($answer.Code -eq 1 -and $line -cmatch '^devkeys: [^\x00-\x1f\x7f-\x9f]+$') {
                    return $line
                }
            }
            catch {
                $line = ''  # it is missing, or broken
            }
            return $script:notAsked
        }

        # Return the path of devkeys: no alias, no function, and nothing that is found by a relative
        # entry of PATH, which is the current directory's.
        function Find-Devkeys {
            $separator = [System.IO.Path]::PathSeparator
            $folders = @($env:PATH.Split($separator) |
                    Where-Object { $_ -ne '' -and [System.IO.Path]::IsPathRooted($_) } |
                    ForEach-Object { $_.TrimEnd('/', '\') })
            $found = @(Get-Command -Name devkeys -CommandType Application -All -ErrorAction Stop |
                    Where-Object { $folders -ccontains [System.IO.Path]::GetDirectoryName($_.Path) })
            if ($found.Count -eq 0) {
                throw 'there is no devkeys'
            }
            return $found[0].Path
        }

        # Run devkeys itself, and nothing on its command line but words of ours. Whatever
        # $OutputEncoding says, it is given UTF-8.
        function Invoke-Devkeys([string] $arguments, [string] $text, [hashtable] $variables) {
            $utf8 = New-Object System.Text.UTF8Encoding $false
            $info = New-Object System.Diagnostics.ProcessStartInfo
            $info.FileName = Find-Devkeys
            $info.Arguments = $arguments
            $info.WorkingDirectory = Get-Directory
            $info.UseShellExecute = $false
            $info.CreateNoWindow = $true
            $info.RedirectStandardInput = $true
            $info.RedirectStandardOutput = $true
            $info.RedirectStandardError = $true
            $info.StandardOutputEncoding = $utf8
            foreach ($name in $variables.Keys) {
                $info.EnvironmentVariables[$name] = $variables[$name]
            }
            $process = [System.Diagnostics.Process]::Start($info)
            try {
                $output = $process.StandardOutput.ReadToEndAsync()
                $null = $process.StandardError.ReadToEndAsync()
                $bytes = $utf8.GetBytes($text)
                $written = $process.StandardInput.BaseStream.WriteAsync($bytes, 0, $bytes.Length)
                $done = $written.Wait(20000)
                if ($done) {
                    $process.StandardInput.Close()
                    $done = $process.WaitForExit(20000)
                }
                if (-not $done) {
                    $process.Kill()
                    throw 'devkeys does not answer'
                }
                return @{ Code = $process.ExitCode; Output = $output.Result }
            }
            finally {
                $process.Dispose()
            }
        }

        # --- what is asked about: the words of devkeys' own src/devkeys/typed/suspicion.py --------

        # Parts of names that are secret, words that are so as a whole, databases before URL or URI.
        $parts = -split 'key token secret pass pwd cred dsn salt pepper psk hmac cookie webhook
            bearer jwt mnemonic bindpw connection_string connection-string conn_string
            conn-string connectionstring service_account_json service-account-json
            recovery_codes recovery-codes seed_phrase seed-phrase basic_auth basic-auth
            browser_auth browser-auth session ksm_config'
        $words = -split 'pw iv pat sas'
        $databases = -split 'database db redis mongo mongodb postgres postgresql pg mysql
            mariadb sqlalchemy amqp rabbitmq cloudamqp broker jdbc cloudinary smtp email mail
            mailer valkey'
        # Programs: any call; where they log in; where a user is named; where they keep secrets.
        $programs = -split 'mysql mariadb mycli sshpass redis-cli valkey-cli mongo ldap
            smbclient rpcclient smbget 7z rar unrar zip unzip mosquitto_ sqlcmd bcp htpasswd
            openssl xfreerdp wlfreerdp security rclone nmcli wpa_passphrase lftp sqlplus
            ssh-keygen rabbitmqctl mkpasswd ansible-vault cmdkey'
        $logins = -split 'docker podman nerdctl buildah skopeo helm oras crane az twine vault
            bao bw cargo wandb snyk ngrok doctl glab'
        $clients = -split 'curl http https xh xhs'
        $keepers = -split 'gh vault bao doppler infisical fly flyctl aws az eas pulumi'
        # What takes a secret from its input.
        $sinks = -split 'devkeys sudo gh wrangler vercel docker podman chpasswd passwd pass
            gopass passage secret-tool gcloud'
        # What keys begin with, and what stands inside of some; here case counts.
        $prefixes = -split 'sk- gsk_ hf_ r8_ xai- pplx- nvapi- csk- fw_ tvly- pcsk_ lsv2_ e2b_
            AIza ya29. GOCSPX- AKIA ASIA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt-
            glptt- glcbt- glft- glimt- glagent- gloas- ATBB ATATT3 ATCTT3 xoxb- xoxp- xoxa-
            xoxs- xoxr- xoxe- xoxe. xapp- hooks.slack.com/ sk_live_ sk_test_ rk_live_ rk_test_
            whsec_ sq0csp- sq0atp- SG. key- xkeysib- xsmtpsib- re_ npm_ pypi- rubygems_
            dckr_pat_ dckr_oat_ dop_v1_ doo_v1_ dor_v1_ shpat_ shpss_ shpca_ shppa_ hvs. hvb.
            hvr. dp.pt. dp.st. dp.ct. dp.sa. dp.scim. ops_eyJ lin_api_ ntn_ secret_ figd_ PMAK-
            NRAK- glsa_ glc_ sntrys_ sntryu_ dapi pul- sbp_ sb_secret_ pscale_tkn_ pscale_pw_
            pscale_oauth_ fo1_ fm2_ nfp_ tskey- pat-na1- pat-eu1- sk.eyJ CFPAT- CCIPAT_ bkua_
            sgp_ HRKU- AGE-SECRET-KEY- eyJ AccountKey='
        $script:infixes = '/api/webhooks/', ':AA', '.atlasv1.', 'PRIVATE KEY-----', '8Q~'
        $script:longest = 4096  # characters; what is longer is asked about

        $tail = '[a-z0-9_-]*'
        $names = '(?:(?:' + ($parts -join '|') + ')' + $tail +
            '|(?:^|[^a-z0-9])(?:' + ($words -join '|') + ')(?:[_-]' + $tail + ')?' +
            '|(?:' + ($databases -join '|') + ')[_-]?ur[il]s?' + $tail + ')'
        $close = '["''`\\]*[\])}]*[ \t]*'
        $quotes = '[ \t\n\\"@]*'
        $value = '(?:[^\]=~>) \t\n"$`(;|&<\\-]|["\\][\]=~>)(;|&<-]|[$][^a-z_{( \t\n]|[\\][$]' +
            '|[=~][a-z0-9]|[$][a-z_][a-z0-9_.:]*[^\] \t\n"'';|&)}a-z0-9_.:]' +
            '|[$][{][^}]*[}][^\] \t\n"'';|&)}])'
        $setting = '(?:^|[^a-z0-9_])(?:set[a-z-]*|put|add|new-[a-z]+)'
        # NAME=value, NAME: value, "name": "value"; f("NAME", "value")
        $assigned = $names + '(?:' + $close + '(?:[+?:]?=|:)' + $quotes + '(?:' + $value + '|-)' +
            '|["''][ \t]*,[ \t]*["''])'
        # set NAME value, Set-Item Env:NAME value, --token value
        $followed = '(?:(?:' + $setting + '(?:[ \t].*)?|(?:^|[^a-z0-9_-])-' + $tail + ')' + $names +
            '|(?:^|[^a-z0-9_-])-(?:' + ($words -join '|') + ')(?:[_-]' + $tail + ')?)' +
            '["'']?[ \t](?:[ \t]*-value[ \t])?' + $quotes + $value
        # Authorization: ..., Bearer ...
        $header = 'authorization|bearer[ \t]|cookie:'
        # scheme://user:password@host, scheme://token@host
        $url = '://[^/ \t\n"''<>]*@'
        # identified by '...'; ConvertTo-SecureString '...'; a .netrc
        $spoken = '(?:password|identified[ \t]+by)[ \t]+[\\"]*''|securestring[ \t]' +
            '|machine[ \t].*password[ \t]'
        # mysql -p..., docker login -p ..., curl -u user:password, vault kv put path name=value
        $program = '(?:^|[^a-z0-9_.-])(?:(?:' + ($programs -join '|') + ')[a-z0-9_.-]*[ \t]' +
            '|(?:' + ($logins -join '|') +
            ')(?:[.]exe)?[ \t].*(?:login|upload|auth|unlock|unseal)' +
            '|(?:' + ($clients -join '|') +
            ')(?:[.]exe)?[ \t](?:.*[ \t\n])?-(?:-[a-z-]*user|-auth|[a-z]*[ua])' +
            '|(?:' + ($keepers -join '|') + ')(?:[.]exe)?[ \t].*(?:secret|=|-value))'
        # ... | devkeys set NAME, ... --password-stdin
        $poured = '[|](?:[^|]*[^a-z0-9_-])?(?:' +
            ($sinks -join '|') + ')(?:[^a-z0-9_-]|$)|(?:' + ($sinks -join '|') +
            ')[ \t].*<[<(]|-(?:stdin|fd|with-token)(?:[^a-z0-9-]|$)'
        # No letter and no digit stands before a key, but those of an escape such as \n may.
        $format = '(?:^|[^A-Za-z0-9]|\\[nrt]|[0-9]m|%[0-9A-Fa-f][0-9A-Fa-f]|\\[ux][0-9A-Fa-f]+)' +
            '(?:' + (($prefixes | ForEach-Object { [regex]::Escape($_) }) -join '|') +
            ')[A-Za-z0-9_./+=-]{10}'
        $given = '([A-Za-z_][A-Za-z0-9_]*)["''`\\]*[\])}]*[ \t]*(?:[+?:]?=|:)'
        $gives = $setting + '[ \t]'
        $name = '[A-Za-z_][A-Za-z0-9_]*'
        $onPurpose = '^\s*(?:var |\$)?DEVKEYS_HOOK *= *[''"]?off[''"]?(?:[ ;]|$)'
        $script:lower = $assigned, $followed, $header, $url, $spoken, $program, $poured
        $script:sources = @{
            format = $format; setting = $gives; given = $given; name = $name
            onPurpose = $onPurpose
        }

        function Test-Suspicion([string] $text) {
            try {
                return [bool] (Test-MayHoldASecret $text)
            }
            catch {
                return $true  # a pattern took too long, or this file is at fault
            }
        }

        function Test-MayHoldASecret([string] $text) {
            if ($null -eq $script:patterns) {
                Initialize-Patterns
            }
            if ($script:patterns.onPurpose.IsMatch($text)) {
                return $false
            }
            if ($text.Length -gt $script:longest) {
                return $true
            }
            $plain = $text.Replace("`r`n", "`n")
            $small = $plain.ToLowerInvariant()
            foreach ($pattern in $script:patterns.lower) {
                if ($pattern.IsMatch($small)) {
                    return $true
                }
            }
            if ($script:patterns.format.IsMatch($plain)) {
                return $true
            }
            foreach ($infix in $script:infixes) {
                if ($plain.Contains($infix)) {
                    return $true
                }
            }
            $sets = $script:patterns.setting.IsMatch($small)
            $found = if ($sets) { $script:patterns.name } else { $script:patterns.given }
            return (Test-Declared $found $plain)
        }

        function Initialize-Patterns {
            $options = [System.Text.RegularExpressions.RegexOptions] 'Singleline, CultureInvariant'
            $limit = [TimeSpan]::FromMilliseconds(500)
            $made = @{ lower = @() }
            foreach ($source in $script:lower) {
                $made.lower += New-Object regex $source, $options, $limit
            }
            foreach ($key in $script:sources.Keys) {
                $made[$key] = New-Object regex $script:sources[$key], $options, $limit
            }
            $script:patterns = $made
        }

        # --- what devkeys wrote down for shells -------------------------------------------------

        function Get-Directory {
            return $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath
        }

        function Get-StatePath([string] $file) {
            if ([Environment]::OSVersion.Platform -eq 'Win32NT') {
                $base = [Environment]::GetFolderPath('LocalApplicationData')
            }
            elseif ([System.Runtime.InteropServices.RuntimeInformation]::IsOSPlatform(
                    [System.Runtime.InteropServices.OSPlatform]::OSX)) {
                $base = [System.IO.Path]::Combine($HOME, 'Library', 'Application Support')
            }
            else {
                $base = [Environment]::GetEnvironmentVariable('XDG_STATE_HOME')
                if (-not "$base".StartsWith('/')) {
                    $base = [System.IO.Path]::Combine($HOME, '.local', 'state')
                }
            }
            return [System.IO.Path]::Combine($base, 'devkeys', $file)
        }

        # Return the lines of an ordinary file's first bytes; none if it cannot be read.
        function Read-Lines([string] $path, [int] $most) {
            try {
                $file = New-Object System.IO.FileInfo $path
                if (-not $file.Exists -or $file.Length -eq 0) {
                    return @()  # what is no file, such as a FIFO, has no length
                }
                $bytes = New-Object byte[] ([Math]::Min($file.Length, $most))
                $stream = $file.Open('Open', 'Read', 'ReadWrite, Delete')
                try {
                    $count = $stream.Read($bytes, 0, $bytes.Length)
                }
                finally {
                    $stream.Dispose()
                }
                return [System.Text.Encoding]::UTF8.GetString($bytes, 0, $count) -split "`r?`n"
            }
            catch {
                return @()
            }
        }

        function Read-Index {
            $lines = @(Read-Lines (Get-StatePath 'shell-index') 16777216)
            if ($lines.Count -gt 0 -and $lines[0].StartsWith('devkeys-index 1 ')) {
                return $lines
            }
            return @()
        }

        function Test-Declared([regex] $pattern, [string] $text) {
            $found = $pattern.Matches($text)
            if ($found.Count -eq 0) {
                return $false
            }
            $index = @(Read-Index)
            foreach ($match in $found) {
                $last = $match.Groups[$match.Groups.Count - 1].Value
                if ($index -ccontains "name $last") {
                    return $true
                }
            }
            return $false
        }

        # --- a word at cd -----------------------------------------------------------------------

        function Show-Word {
            $here = Get-Directory
            if ($here -ceq $script:directory) {
                return
            }
            if ([Environment]::GetEnvironmentVariable('DEVKEYS_HOOK') -ceq 'off') {
                return
            }
            if (-not $script:compared) {
                $script:compared = $true
                Show-OtherVersion
            }
            $script:directory = $here
            $checkout = Find-Checkout $here
            if ('' -ceq $checkout -or $checkout.Contains("`n")) {
                return
            }
            $lack = Get-Lack $checkout
            if ('' -cne $lack.Text -and (Test-SaidFirst "$($lack.Row) $checkout")) {
                [Console]::Error.WriteLine($lack.Text)
            }
        }

        # Say that this hook is not of the devkeys that wrote the index: after an upgrade.
        function Show-OtherVersion {
            $lines = @(Read-Index)
            if ($lines.Count -eq 0 -or $lines[0] -cnotmatch '^devkeys-index 1 ([\w.+-]+)$') {
                return
            }
            $other = $Matches[1]
            if ($other -cne $global:_devkeys_version) {
                $text = "devkeys: this hook is of $global:_devkeys_version, devkeys is $other"
                [Console]::Error.WriteLine("$text (devkeys hook install)")
            }
        }

        # Return the nearest directory with .env.example, inside of the repository and of HOME.
        function Find-Checkout([string] $here) {
            while ($true) {
                if (Test-Entry $here '.env.example') {
                    return $here
                }
                $above = [System.IO.Path]::GetDirectoryName($here)
                if ("$above" -ceq '' -or $here -ceq $HOME -or (Test-Entry $here '.git')) {
                    return ''
                }
                $here = $above
            }
        }

        function Test-Entry([string] $directory, [string] $name) {
            $path = [System.IO.Path]::Combine($directory, $name)
            return [System.IO.File]::Exists($path) -or [System.IO.Directory]::Exists($path)
        }

        function Get-Lack([string] $checkout) {
            $lack = @{ Row = '? ?'; Text = '' }
            foreach ($line in @(Read-Index)) {
                $part = $line -split ' ', 4
                if ($part.Count -eq 4 -and $part[0] -ceq 'checkout' -and $part[3] -ceq $checkout) {
                    if ($part[1] -cne '0') {
                        $lack.Row = "$($part[1]) $($part[2])"
                        $lack.Text = "devkeys: $($part[1]) of $($part[2]) secrets missing " +
                            '(devkeys init)'
                    }
                    return $lack
                }
            }
            $example = [System.IO.Path]::Combine($checkout, '.env.example')
            foreach ($line in @(Read-Lines $example 262144 | Select-Object -First 500)) {
                if ($line -cmatch '^\s*(?:export )?\s*([A-Za-z_][A-Za-z0-9_]*)\s*=') {
                    if ($Matches[1].ToLowerInvariant() -cmatch $script:secretPart) {
                        $lack.Text = 'devkeys: .env.example asks for secrets (devkeys init)'
                        return $lack
                    }
                }
            }
            return $lack
        }
        $script:secretPart = $parts -join '|'

        # Note down that it was said; $false if it was before, in any terminal.
        function Test-SaidFirst([string] $line) {
            $path = Get-StatePath 'shell-said'
            if (@(Read-Lines $path 16777216) -ccontains $line -or $script:said.Contains($line)) {
                return $false
            }
            try {
                # Where devkeys has no directory it is not for a shell to make one.
                if (Test-Entry ([System.IO.Path]::GetDirectoryName($path)) 'shell-said') {
                    $file = New-Object System.IO.FileInfo $path
                    if (-not $file.Exists -or $file.Length -eq 0) {
                        throw 'it is no file'
                    }
                }
                [System.IO.File]::AppendAllText($path, "$line`n")
            }
            catch {
                $null = $script:said.Add($line)
            }
            return $true
        }

        # --- completion -------------------------------------------------------------------------

        Register-ArgumentCompleter -Native -CommandName devkeys -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            try {
                $answer = Invoke-Devkeys '' '' @{
                    _DEVKEYS_COMPLETE = 'complete_powershell'
                    _TYPER_COMPLETE_ARGS = $commandAst.ToString()
                    _TYPER_COMPLETE_WORD_TO_COMPLETE = $wordToComplete
                }
            }
            catch {
                return
            }
            foreach ($line in $answer.Output -split "`r?`n") {
                $word, $what = $line -split ':::', 2
                if ($null -ne $what) {
                    if ($what.Trim() -ceq '') {
                        $what = $word
                    }
                    [System.Management.Automation.CompletionResult]::new(
                        $word, $word, 'ParameterValue', $what.Trim())
                }
            }
        }

        # --- the prompt -------------------------------------------------------------------------

        $script:prompt = $function:prompt
        if ($null -eq $script:prompt) {
            $script:prompt = { "PS $($ExecutionContext.SessionState.Path.CurrentLocation)> " }
        }

        function global:prompt {
            $text = & $script:prompt  # first of all: it may look at $?
            try {
                $null = Clear-Kept
                $null = Set-Handler
                $null = Show-Word
            }
            catch {
                $script:directory = ''  # a word, and nothing that anybody waits for
            }
            return $text
        }

        Set-Handler
        Export-ModuleMember -Function @()
    }
}

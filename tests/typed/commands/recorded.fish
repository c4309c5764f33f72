set -gx LLM_API_KEY (op read op://Team/LLM/key)
set -gx LLM_API_KEY $OTHER_KEY
set -gx LLM_API_KEY "$OTHER_KEY"
set -gx LLM_API_KEY
set -gx LLM_API_KEY ''
set -gx LLM_API_KEY your-api-key-here
set -gx LLM_API_KEY op://Team/LLM/key
set -gx EDITOR vim
set -gx PORT 3000
set -gx GOPATH $HOME/go
set -gx MAX_TOKENS 4096
set -q LLM_API_KEY; and echo yes
set -e LLM_API_KEY
set -S LLM_API_KEY
set --erase DB_PASSWORD
set -l keys one two three
export LLM_API_KEY=$OTHER_KEY
export LLM_API_KEY=(pass show llm)
echo $LLM_API_KEY
echo "$LLM_API_KEY"
echo (string length "$LLM_API_KEY")
LLM_API_KEY=(pass show llm) python app.py
PORT=3000 npm start
curl -H "Authorization: Bearer $TOKEN" https://api.example.com/v1/chat
curl -u "$USER:$PASS" https://api.example.com/v1/basic
app --token "$TOKEN"
app --token=$TOKEN
docker run -e LLM_API_KEY=$LLM_API_KEY app:latest
echo "$TOKEN" | docker login -u me --password-stdin
devkeys set LLM_API_KEY < /dev/null
if test -z "$LLM_API_KEY"; echo missing; end
test -n "$TOKEN"; or echo missing
string match -r 'key=.*' text
string replace token session text
abbr -a gs_one git status
alias ll_one 'ls -la'
type -a ls
for i in 1 2 3; echo $i; end
begin; echo one; end
true; and echo yes; or echo no
math 16 x 1024
for i in 1 2 3
|     echo "line $i"
| end
function greet_one
|     echo "hello $argv"
| end
if set -q LLM_API_KEY
|     echo there
| end
docker run --rm \
|     -e LLM_API_KEY \
|     app:latest

set -gx LLM_API_KEY «token»
set -gx LLM_API_KEY '«password»'
set -x LLM_API_KEY "«password»"
set -x STRIPE_SECRET «password»; echo hi
set --export --global DB_PASSWORD «password»
set -g API_TOKENS one «openai»
set -lx DB_PASSWORD «password»; and ./run
export LLM_API_KEY=«token»
export LLM_API_KEY="«password»"
LLM_API_KEY=«token» python app.py
LLM_API_KEY='«token»' DEBUG=1 python app.py
env LLM_API_KEY=«token» python app.py
true; and set -gx APP_SECRET «token»
true && set -gx APP_SECRET «token»
false; or set -gx APP_SECRET «token»
begin; set -gx DB_PASSWORD «password»; end
begin; set -lx DB_PASSWORD «password»; ./run; end
alias deploy_one 'LLM_API_KEY=«token» ./deploy'
alias deploy_two='LLM_API_KEY=«token» ./deploy'
abbr -a login_one 'docker login -u me -p «password»'
app --token «token» # a trailing word
app --token «token» 2>/dev/null
app --token=«token» | string upper
printf '%s' «token» | devkeys set LLM_API_KEY
echo -n «password» | docker login -u me --password-stdin
echo "root:«password»" | chpasswd
echo LLM_API_KEY=«token» >> local.tmp
echo (env DB_PASSWORD=«password» ./run)
curl -d "{\"password\": \"«password»\"}" https://example.com/login
if true; set -gx DB_PASSWORD «password»; end
for i in 1 2
|     app --token «token» $i
| end
if true
|     set -gx DB_PASSWORD «password»
| end
function deploy_three
|     set -lx DB_PASSWORD «password»
|     ./run
| end
curl https://example.com/ \
|     -H 'Accept: text/plain' \
|     -H "Authorization: Bearer «token»"
docker run --rm \
|     -e LLM_API_KEY=«token» \
|     app:latest
echo 'first line
| DB_PASSWORD=«password»
| last line'
echo '«pem»'
true
| set -gx DB_PASSWORD «password»

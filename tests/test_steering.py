"""Names that decide which code runs."""

import pytest

from devkeys.steering import steers


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "PYTHONPATH", "IFS"),
        *("PYTHONSTARTUP", "PYTHONHOME", "NODE_OPTIONS", "BASH_ENV", "ENV", "PERL5OPT", "RUBYOPT"),
        *("GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_CONFIG_COUNT", "SSL_CERT_FILE", "HTTPS_PROXY"),
        *("https_proxy", "ALL_PROXY", "NO_PROXY", "PS4", "PROMPT_COMMAND", "EDITOR", "PAGER"),
        *("LESSOPEN", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH", "GCONV_PATH", "LOCPATH"),
        *("NODE_PATH", "NPM_CONFIG_REGISTRY", "npm_config_registry", "PIP_INDEX_URL", "UV_INDEX"),
        *("PIP_EXTRA_INDEX_URL", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "HOME", "TMPDIR"),
        *("DOTNET_STARTUP_HOOKS", "GLIBC_TUNABLES", "MALLOC_TRACE", "DEVKEYS_AGENT", "PGSSLMODE"),
        *("NODE_TLS_REJECT_UNAUTHORIZED", "NODE_EXTRA_CA_CERTS", "GOFLAGS", "RUSTC_WRAPPER"),
        *("BASH_FUNC_ls%%", "DOCKER_HOST", "KUBECONFIG", "SSLKEYLOGFILE", "PYTEST_ADDOPTS"),
        *("PSModulePath", "ComSpec", "Path", "XDG_CONFIG_HOME", "PYTHON_KEYRING_BACKEND"),
    ],
)
def test_steering_names(name: str) -> None:
    """A repository may not set these, whatever the case they are written in."""
    assert steers(name)


@pytest.mark.parametrize(
    "name",
    [
        *("PROXY", "TRUST_PROXY", "API_REVERSE_PROXY", "NODE_ENV", "PYTHONUNBUFFERED", "TZ"),
        *("PYTHONIOENCODING", "GIT_SHA", "GITHUB_TOKEN", "GITLAB_TOKEN", "GIT_TOKEN", "LANG"),
        *("NPM_TOKEN", "CARGO_REGISTRY_TOKEN", "UV_PUBLISH_TOKEN", "DATABASE_URL", "HOST", "PORT"),
        *("ENVIRONMENT", "PATH_PREFIX", "HOME_URL", "SSL_MODE", "PGHOST", "PGPASSWORD", "DEBUG"),
        *("OPENAI_API_KEY", "PYTHON_VERSION", "PIPELINE_REPO", "UVICORN_PORT", "NODE_NAME"),
    ],
)
def test_ordinary_names(name: str) -> None:
    """What real templates declare for the application itself is not refused."""
    assert not steers(name)

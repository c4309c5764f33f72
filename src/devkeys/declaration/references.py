"""`scheme://path`: a reference into a provider, or an ordinary address."""

import re

from devkeys.references import SCHEMES

# Schemes of addresses that programs connect to. The part before a `+` decides:
# postgresql+psycopg, mongodb+srv, redis+sentinel.
_ADDRESSES = """
    http https ws wss ftp ftps sftp ssh scp telnet git svn hg rsync tcp udp tls ssl unix npipe
    fd postgres postgresql pgsql postgis cockroachdb timescaledb mysql mysql2 mysqlx mariadb
    mongodb redis rediss valkey valkeys keydb dragonfly redis-sentinel redis-socket rediscluster
    memcache memcached amqp amqps sqlite sqlite3 libsql turso duckdb jdbc odbc mssql sqlserver
    oracle db2 firebird cassandra scylla clickhouse clickhouses couchdb couchbase couchbases
    neo4j neo4js bolt bolts arangodb influxdb elasticsearch elastic opensearch solr snowflake
    bigquery databricks trino presto hive impala druid spanner etcd consul zookeeper zk kafka
    nats pulsar stomp mqtt mqtts sqs sns pubsub gcppubsub azureservicebus smtp smtps imap imaps
    pop pop3 pop3s ldap ldaps ldapi dns s3 s3a gs gcs az azure abfs abfss wasb wasbs r2 b2 swift
    oss cos hdfs webhdfs nfs smb cifs afp dav davs webdav webdavs grpc grpcs thrift rtmp rtmps
    rtsp rtsps rtp srt sip sips stun stuns turn turns xmpp irc ircs matrix socks socks4 socks4a
    socks5 socks5h proxy quic vmess vless trojan ss docker oci helm syslog gelf otlp statsd
    zipkin jaeger data about blob chrome-extension moz-extension capacitor ionic app exp intent
    android-app local memory mem in-memory null native sync console mailto tel sms magnet ipfs
    ipns ethereum lnd wc
"""
_ORDINARY = frozenset(_ADDRESSES.split())
_REFERENCE = re.compile(r"([a-z][a-z0-9.-]*)(?:\+[a-z0-9.+-]+)?://(\S[^\r\n]*)")
_AUTHORITY = re.compile(
    r"[^/?#\s]*@|localhost\b|[^/?#\s]+:\d+(?:[/?#]|$)|[^/?#\s]+\.[a-z]{2,}(?:[/?#]|$)"
)


def find_reference(value: str) -> str | None:
    """Return *value* if it is a reference into a provider, ours or a third party's.

    A scheme that we do not know is a third party's provider, unless what follows it looks
    like a host: user@host, host:port, localhost, a domain.
    """
    match = _REFERENCE.fullmatch(value)
    if match is None:
        return None
    scheme, path = match[1], match[2]
    if scheme in SCHEMES:
        return value if "+" not in value.partition("://")[0] else None
    if scheme in _ORDINARY or " " in path or "," in path or _AUTHORITY.match(path):
        return None
    return value


def is_ours(reference: str) -> bool:
    """Say whether one of devkeys' own providers reads *reference*."""
    return reference.partition("://")[0] in SCHEMES

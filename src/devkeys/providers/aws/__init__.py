"""`aws-sm://` and `aws-ssm://`: AWS, through botocore, which comes with `devkeys[aws]`.

session      the door to botocore: profiles, clients, time limits
secretsmanager, contents    Secrets Manager, and what a secret holds
parameterstore              Parameter Store
identity     who is signed in         errors    what AWS says when it fails
"""

"""A row of each well-known product, written by hand from its published format."""

from typing import Any

TRAIL: dict[str, Any] = {
    "eventVersion": "1.09",
    "userIdentity": {
        "type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:user/eve", "accessKeyId": "AKIAEXAMPLE",
        "userName": "eve",
    },
    "eventTime": "2026-11-19T12:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "GetObject",
    "awsRegion": "eu-west-3",
    "sourceIPAddress": "203.0.113.9",
    "userAgent": "[aws-cli/2.31.0]",
    "requestParameters": {"bucketName": "backups", "key": "accounts/u1.json"},
    "responseElements": None,
    "readOnly": True,
    "resources": [{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::backups/accounts/u1.json"}],
    "eventType": "AwsApiCall",
    "managementEvent": False,
    "eventCategory": "Data",
}  # fmt: skip
ENTRY: dict[str, Any] = {
    "insertId": "1a2b3c",
    "logName": "projects/example/logs/cloudaudit.googleapis.com%2Fdata_access",
    "protoPayload": {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "storage.googleapis.com",
        "methodName": "storage.objects.get",
        "resourceName": "projects/_/buckets/backups/objects/accounts/u2.json",
        "authenticationInfo": {"principalEmail": "eve@example.com"},
        "authorizationInfo": [
            {"permission": "storage.objects.get", "granted": True,
             "permissionType": "DATA_READ"}
        ],
        "requestMetadata": {"callerIp": "203.0.113.9", "callerSuppliedUserAgent": "gsutil"},
        "status": {},
    },
    "resource": {"type": "gcs_bucket", "labels": {"bucket_name": "backups"}},
    "severity": "INFO",
    "timestamp": "2026-11-19T12:00:00.123456Z",
    "receiveTimestamp": "2026-11-19T12:00:01.5Z",
}  # fmt: skip
EVENT: dict[str, Any] = {
    "uuid": "f790999f-fe87-467a-9880-6982a583986c",
    "published": "2026-11-19T12:00:00.777Z",
    "eventType": "user.account.update_profile",
    "version": "0",
    "severity": "INFO",
    "actor": {"id": "00uEVE", "type": "User", "alternateId": "eve@example.com"},
    "client": {
        "userAgent": {"rawUserAgent": "curl/8.5", "os": "Unknown", "browser": "UNKNOWN"},
        "zone": "OFF_NETWORK", "ipAddress": "203.0.113.9",
    },
    "outcome": {"result": "SUCCESS", "reason": None},
    "target": [
        {"id": "0oaAPP", "type": "AppInstance", "alternateId": "unknown"},
        {"id": "u3", "type": "User", "alternateId": "u3@x.fr"},
    ],
    "authenticationContext": {"externalSessionId": "sid1"},
}  # fmt: skip
AUDIT = (
    '{at},"eve","app",4711,"{address}",65a.1267,{n},"SELECT",2026-11-19 10:00:00 UTC,3/14,0,'
    'LOG,00000,"{message}",,,,,,,,,"psql","client backend",,0\n'
)
READ = 'AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.users,""select *\nfrom users"",<none>'

"""The smallest program that X-Ray's SDK traces; says when its segment is on the way."""

from aws_xray_sdk.core import xray_recorder

xray_recorder.configure(service="hello", sampling=False)
with xray_recorder.in_segment("hello") as segment:
    segment.put_http_meta("method", "GET")
    segment.put_http_meta("url", "https://hello.example.com/just-sent")
    segment.put_http_meta("status", 200)
print("sent", flush=True)

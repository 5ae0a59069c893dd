"""The local X-Ray that a program is started for: its address, and boto3's client of it."""

import os

import boto3

ADDRESS = os.environ["AWS_XRAY_DAEMON_ADDRESS"]
XRAY = boto3.client(
    "xray",
    endpoint_url=f"http://{ADDRESS}",
    region_name="eu-west-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)

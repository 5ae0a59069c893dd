"""The real X-Ray SDK polls the sampling rules and targets of the local X-Ray, and decides by them.

The address of the local X-Ray is in AWS_XRAY_DAEMON_ADDRESS. Ends with status 0 and the line "followed" when all was well.
"""

import time

from aws_xray_sdk.core import xray_recorder
from local_xray import XRAY


def main():
    rule = {
        "ResourceARN": "*", "FixedRate": 0.0, "ServiceName": "*", "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "Version": 1,
    }  # fmt: skip
    XRAY.create_sampling_rule(SamplingRule=dict(rule, RuleName="never", Priority=1, ReservoirSize=0, URLPath="/health"))
    XRAY.create_sampling_rule(SamplingRule=dict(rule, RuleName="few", Priority=2, ReservoirSize=3, URLPath="/few/*"))
    xray_recorder.configure(service="shop", sampling=True, context_missing="RUNTIME_ERROR")
    sampler = xray_recorder.sampler
    eventually(lambda: not decide(sampler, "/health"), "the rules")
    assert [decide(sampler, "/health") for _ in range(20)] == [None] * 20
    assert all(decide(sampler, "/other") for _ in range(20)), "the default rule takes everything"
    # Until it has a quota, the SDK borrows one a second; with it, three.
    eventually(lambda: in_a_second(sampler) >= 3, "a quota")
    assert in_a_second(sampler) <= 6
    print("followed")


def decide(sampler, path):
    return sampler.should_trace({"host": "shop.example", "method": "GET", "path": path, "service": "shop"}) or None


def in_a_second(sampler):
    """The requests that are taken within a second of the clock."""
    time.sleep(1 - time.time() % 1)
    end = time.time() + 0.95
    taken = 0
    while time.time() < end:
        taken += bool(decide(sampler, "/few/x"))
        time.sleep(0.01)
    return taken


def eventually(ask, what):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if ask():
            return
        time.sleep(0.1)
    raise AssertionError(f"not in time: {what}")


main()

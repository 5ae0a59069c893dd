"""Sends segments with the real X-Ray SDK over UDP and with boto3 over HTTP, and reads them back equal.

The address of the local X-Ray is in AWS_XRAY_DAEMON_ADDRESS. Ends with status 0 and the line "equal" when all was well.
"""

import json
import time
from datetime import datetime, timedelta, timezone

import botocore.exceptions
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.models import http
from local_xray import XRAY

# What X-Ray rewrites on reading, in both directions.
NOT_COMPARED = {"type", "trace_id", "parent_id", "subsegments"}


def main():
    xray_recorder.configure(service="shop", sampling=True, context_missing="RUNTIME_ERROR")
    waits_for_the_services_rules()
    sends_a_nested_segment()
    streams_many_subsegments()
    samples_a_second_request_too()
    puts_a_bad_document_beside_a_good_one()
    lists_what_was_sent()
    answers_what_an_sdk_polls()
    names_an_unknown_operation()
    print("equal")


def waits_for_the_services_rules():
    """The SDK asks for sampling rules in the background; until they have come it takes one request a second."""

    def ask():
        taken = []
        for _ in range(20):
            taken.append(xray_recorder.begin_segment("warm-up").sampled)
            xray_recorder.end_segment()
        return True if all(taken) else None

    eventually(ask, "the sampling rules of the service")


def sends_a_nested_segment():
    """Every kind of data that the SDK records, four levels deep."""
    segment = xray_recorder.begin_segment("shop")
    segment.user = "alice"
    segment.put_http_meta(http.METHOD, "POST")
    segment.put_http_meta(http.URL, "https://shop.example.com/checkout?cart=7")
    segment.put_http_meta(http.STATUS, 502)
    segment.put_annotation("tier", "gold")
    segment.put_annotation("items", 0)
    segment.put_annotation("beta", False)
    segment.put_metadata("cart", {"items": [1, 2, 3], "coupon": "", "note": "ünïcode ✓", "deep": {"er": [None]}}, "own")
    with xray_recorder.in_subsegment("payment", namespace="remote") as payment:
        payment.put_http_meta(http.URL, "https://payment.internal/charge")
        payment.put_http_meta(http.STATUS, 500)
        with xray_recorder.in_subsegment("ledger@db.internal", namespace="remote") as ledger:
            ledger.set_sql(
                {
                    "url": "jdbc:postgresql://db.internal/ledger",
                    "database_type": "PostgreSQL",
                    "sanitized_query": "SELECT balance FROM accounts WHERE id = ?",
                }
            )
            with xray_recorder.in_subsegment("DynamoDB", namespace="aws") as table:
                table.set_aws({"operation": "GetItem", "table_name": "carts", "region": "eu-west-1", "retries": 0})
        try:
            with xray_recorder.in_subsegment("charge card"):
                raise ValueError("issuer said no: code 51")
        except ValueError:
            pass
    xray_recorder.end_segment()
    sent = json.loads(segment.serialize())
    documents = documents_of(sent["trace_id"], segments=2)
    got = next(document for document in documents if document["id"] == sent["id"])
    same(sent, got, "shop")
    exception = find(got, "charge card")["cause"]["exceptions"][0]
    assert exception["message"] == "issuer said no: code 51" and exception["type"] == "ValueError", exception
    assert exception["stack"][0]["line"] > 0, exception


def streams_many_subsegments():
    """More than thirty finished subsegments make the SDK send them on their own, before their segment."""
    segment = xray_recorder.begin_segment("batch")
    for number in range(75):
        with xray_recorder.in_subsegment(f"step {number:02}") as step:
            step.put_annotation("step", number)
    assert len(segment.subsegments) < 75, "the SDK did not stream"
    xray_recorder.end_segment()

    def complete():
        documents = documents_of(segment.trace_id, segments=1)
        return documents if len(documents[0].get("subsegments", [])) == 75 else None

    (document,) = eventually(complete, "all 75 subsegments")
    names = sorted(part["name"] for part in document["subsegments"])
    assert names == [f"step {number:02}" for number in range(75)], names
    for part in document["subsegments"]:
        assert part["annotations"] == {"step": int(part["name"][5:])}, part


def samples_a_second_request_too():
    """X-Ray's own default rule takes one request a second; a developer sees each."""
    segments = []
    for number in range(5):
        segment = xray_recorder.begin_segment("quick")
        segments.append(segment)
        assert segment.sampled, f"request {number} was not sampled"
        xray_recorder.end_segment()
    for segment in segments:
        documents_of(segment.trace_id, segments=1)


def puts_a_bad_document_beside_a_good_one():
    now = time.time()
    good = {
        "trace_id": f"1-{int(now):08x}-00000000000000000000b070",
        "id": "00000000000000f1",
        "name": "boto",
        "start_time": now - 1.25,
        "end_time": now - 0.25,
        "http": {"request": {"method": "GET", "url": "http://boto/"}, "response": {"status": 404, "content_length": 0}},
        "error": True,
        "annotations": {"number": 1.5, "no": False, "text": ""},
        "metadata": {"default": {"list": [1, "2", None, {"a": []}]}},
        "subsegments": [
            {"id": "00000000000000f2", "name": "inner", "start_time": now - 1, "end_time": now - 0.5, "namespace": "remote"}
        ],
    }
    bad = [dict(good, id="xyz"), dict(good, start_time="late"), [], "{"]
    texts = [text if isinstance(text, str) else json.dumps(text) for text in bad]
    answer = XRAY.put_trace_segments(TraceSegmentDocuments=[texts[0], json.dumps(good), *texts[1:]])
    refused = answer["UnprocessedTraceSegments"]
    assert len(refused) == len(bad), refused
    assert all(one["ErrorCode"] and one["Message"] for one in refused), refused
    documents = documents_of(good["trace_id"], segments=2)
    same(good, next(document for document in documents if document["id"] == good["id"]), "boto")


def lists_what_was_sent():
    now = datetime.now(timezone.utc)
    times = {"StartTime": now - timedelta(minutes=10), "EndTime": now + timedelta(minutes=1)}
    for kind in ("TraceId", "Event", "Service"):
        pages = XRAY.get_paginator("get_trace_summaries").paginate(TimeRangeType=kind, **times)
        summaries = [summary for page in pages for summary in page["TraceSummaries"]]
        summaries = [summary for summary in summaries if summary["EntryPoint"]["Name"] != "warm-up"]
        assert len(summaries) == 8, (kind, len(summaries))
        shop = [summary for summary in summaries if summary["EntryPoint"]["Name"] == "shop"]
        (shop,) = shop
        assert shop["HasFault"] and shop["Http"]["HttpStatus"] == 502, shop
        assert shop["Users"][0]["UserName"] == "alice", shop["Users"]
        values = {key: value[0]["AnnotationValue"] for key, value in shop["Annotations"].items()}
        assert values == {
            "tier": {"StringValue": "gold"},
            "items": {"NumberValue": 0.0},
            "beta": {"BooleanValue": False},
        }, values


def answers_what_an_sdk_polls():
    rules = XRAY.get_sampling_rules()["SamplingRuleRecords"]
    assert rules and rules[0]["SamplingRule"]["RuleName"] == "Default", rules
    document = {
        "RuleName": "Default",
        "ClientID": "0123456789abcdef01234567",
        "Timestamp": datetime.now(timezone.utc),
        "RequestCount": 1,
        "SampledCount": 1,
        "BorrowCount": 0,
    }
    targets = XRAY.get_sampling_targets(SamplingStatisticsDocuments=[document])
    assert targets["SamplingTargetDocuments"][0]["RuleName"] == "Default", targets
    groups = XRAY.get_groups()["Groups"]
    assert groups[0]["GroupName"] == "Default", groups
    XRAY.put_telemetry_records(
        TelemetryRecords=[{"Timestamp": datetime.now(timezone.utc), "SegmentsReceivedCount": 1}]
    )


def names_an_unknown_operation():
    try:
        XRAY.list_resource_policies()
    except botocore.exceptions.ClientError as error:
        assert "ListResourcePolicies" in str(error), error
    else:
        raise AssertionError("an operation that is not there has answered")


def documents_of(trace_id, segments):
    """A trace's documents, once as many have come."""

    def ask():
        answer = XRAY.batch_get_traces(TraceIds=[trace_id])
        found = [json.loads(segment["Document"]) for trace in answer["Traces"] for segment in trace["Segments"]]
        return found if len(found) >= segments else None

    return eventually(ask, f"{segments} segments of {trace_id}")


def eventually(ask, what):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not in time: {what}")


def find(document, name):
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if one["name"] == name:
            return one
        waiting += one.get("subsegments", [])
    raise AssertionError(f"no {name} in {document}")


def same(sent, got, place):
    """Everything that was sent stands in what was read, as it was sent."""
    for key, value in sent.items():
        if key in NOT_COMPARED:
            continue
        expected = value
        if key == "http":
            # X-Ray keeps the switch `traced` for itself.
            expected = {part: {k: v for k, v in inner.items() if k != "traced"} for part, inner in value.items()}
        if key == "aws":
            # X-Ray adds the names of resources.
            assert {k: got[key].get(k) for k in value} == value, (place, got[key], value)
            continue
        if key == "in_progress" and not value:
            # What is false is left out.
            assert not got.get(key), (place, got[key])
            continue
        assert got.get(key) == expected, f"{place}.{key}: sent {expected!r}, read {got.get(key)!r}"
    inner = {part["id"]: part for part in got.get("subsegments", [])}
    assert len(inner) == len(sent.get("subsegments", [])), (place, list(inner))
    for part in sent.get("subsegments", []):
        same(part, inner[part["id"]], f"{place} > {part['name']}")


main()

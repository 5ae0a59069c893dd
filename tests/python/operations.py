"""Asks every operation that the local X-Ray implements, with boto3, which checks each answer's form.

The address of the local X-Ray is in AWS_XRAY_DAEMON_ADDRESS. Ends with status 0 and the line "all" when all was well.
"""

import json
import time
from datetime import datetime, timedelta, timezone

import botocore.exceptions
from local_xray import XRAY

NOW = datetime.now(timezone.utc).replace(second=0, microsecond=0)
RANGE = {"StartTime": NOW - timedelta(hours=2), "EndTime": NOW + timedelta(minutes=2)}


def main():
    ids = traces()
    graphs(ids)
    insights()
    groups_and_tags()
    sampling()
    encryption()
    retrieval(ids)
    what_comes_later()
    print("all")


def traces():
    """An hour in which, for eight minutes, a service fails that another one calls."""
    start = NOW.timestamp() - 3600
    documents, ids = [], []
    for number in range(1200):
        at = start + 3 * number
        fails = 1700 < 3 * number < 2200 and number % 2 == 0
        trace_id = f"1-{int(at):08x}-{number:024x}"
        ids.append(trace_id)
        flag = {"fault": True} if fails else {}
        call = {"id": f"{number * 4 + 2:016x}", "name": "back", "namespace": "remote", "start_time": at + 0.1, "end_time": at + 0.4}
        front = {"trace_id": trace_id, "id": f"{number * 4 + 1:016x}", "name": "front", "start_time": at, "end_time": at + 0.5}
        back = {"trace_id": trace_id, "id": f"{number * 4 + 3:016x}", "name": "back", "start_time": at + 0.2, "end_time": at + 0.3}
        documents.append(dict(front, **flag, subsegments=[dict(call, **flag)], annotations={"number": number}))
        documents.append(dict(back, **flag, parent_id=call["id"]))
    for first in range(0, len(documents), 50):
        texts = [json.dumps(document) for document in documents[first : first + 50]]
        answer = XRAY.put_trace_segments(TraceSegmentDocuments=texts)
        assert answer["UnprocessedTraceSegments"] == [], answer
    pages = XRAY.get_paginator("get_trace_summaries").paginate(FilterExpression="annotation.number < 10", **RANGE)
    assert sum(len(page["TraceSummaries"]) for page in pages) == 10
    assert len(XRAY.batch_get_traces(TraceIds=ids[:5])["Traces"]) == 5
    return ids


def graphs(ids):
    services = XRAY.get_service_graph(**RANGE)["Services"]
    (back,) = [service for service in services if service["Name"] == "back"]
    assert back["SummaryStatistics"]["TotalCount"] == 1200, back
    assert len(XRAY.get_trace_graph(TraceIds=ids[:1])["Services"]) == 3
    # The last period may end later than the range of the others.
    until = dict(RANGE, EndTime=NOW + timedelta(minutes=10))
    pages = XRAY.get_paginator("get_time_series_service_statistics").paginate(
        EntitySelectorExpression='service("back")', Period=300, **until
    )
    points = [point for page in pages for point in page["TimeSeriesServiceStatistics"]]
    assert sum(point["ServiceSummaryStatistics"]["TotalCount"] for point in points) == 1200, points
    stamps = [point["Timestamp"] for point in points]
    assert stamps == sorted(stamps, reverse=True) and all(stamp.timestamp() % 300 == 0 for stamp in stamps), stamps


def insights():
    (summary,) = XRAY.get_insight_summaries(GroupName="Default", **RANGE)["InsightSummaries"]
    assert summary["RootCauseServiceId"]["Name"] == "back" and summary["State"] == "CLOSED", summary
    insight_id = summary["InsightId"]
    insight = XRAY.get_insight(InsightId=insight_id)["Insight"]
    assert insight["ClientRequestImpactStatistics"]["FaultCount"] > 0, insight
    assert XRAY.get_insight_events(InsightId=insight_id)["InsightEvents"]
    graph = XRAY.get_insight_impact_graph(InsightId=insight_id, **RANGE)
    assert {service["Name"] for service in graph["Services"]} == {"back", "front"}, graph


def groups_and_tags():
    tags = [{"Key": "team", "Value": "a"}]
    group = XRAY.create_group(GroupName="slow", FilterExpression="responsetime > 1", Tags=tags)["Group"]
    assert XRAY.get_group(GroupARN=group["GroupARN"])["Group"] == group
    XRAY.update_group(GroupName="slow", FilterExpression="fault", InsightsConfiguration={"InsightsEnabled": True})
    names = [group["GroupName"] for page in XRAY.get_paginator("get_groups").paginate() for group in page["Groups"]]
    assert names == ["Default", "slow"], names
    XRAY.tag_resource(ResourceARN=group["GroupARN"], Tags=[{"Key": "stage", "Value": "b"}])
    XRAY.untag_resource(ResourceARN=group["GroupARN"], TagKeys=["team"])
    listed = XRAY.list_tags_for_resource(ResourceARN=group["GroupARN"])["Tags"]
    assert listed == [{"Key": "stage", "Value": "b"}], listed
    XRAY.delete_group(GroupName="slow")
    refused("ResourceNotFoundException", lambda: XRAY.list_tags_for_resource(ResourceARN=group["GroupARN"]))


def sampling():
    rule = {
        "RuleName": "api", "ResourceARN": "*", "Priority": 5, "FixedRate": 0.5, "ReservoirSize": 4, "ServiceName": "*",
        "ServiceType": "*", "Host": "*", "HTTPMethod": "GET", "URLPath": "/api/*", "Version": 1,
    }  # fmt: skip
    record = XRAY.create_sampling_rule(SamplingRule=rule)["SamplingRuleRecord"]
    assert record["SamplingRule"]["RuleARN"].endswith("/api"), record
    XRAY.update_sampling_rule(SamplingRuleUpdate={"RuleName": "api", "FixedRate": 0.25})
    pages = XRAY.get_paginator("get_sampling_rules").paginate()
    rates = {one["SamplingRule"]["RuleName"]: one["SamplingRule"]["FixedRate"] for page in pages for one in page["SamplingRuleRecords"]}
    assert rates == {"api": 0.25, "Default": 1.0}, rates
    # A report counts in the interval of ten seconds in which it comes, and is told once that is over.
    time.sleep(10 - time.time() % 10 + 0.2)
    quotas = [targets(client)["ReservoirQuota"] for client in (1, 2, 1, 2)]
    assert quotas[2:] == [2, 2], quotas
    time.sleep(10 - time.time() % 10 + 0.2)
    (counts,) = XRAY.get_sampling_statistic_summaries()["SamplingStatisticSummaries"]
    assert (counts["RuleName"], counts["RequestCount"], counts["SampledCount"]) == ("api", 28, 4), counts
    XRAY.delete_sampling_rule(RuleName="api")
    refused("InvalidRequestException", lambda: XRAY.delete_sampling_rule(RuleName="api"))


def targets(client):
    document = {"RuleName": "api", "ClientID": f"{client:024x}", "Timestamp": NOW, "RequestCount": 7, "SampledCount": 1}
    answer = XRAY.get_sampling_targets(SamplingStatisticsDocuments=[document])
    assert answer["LastRuleModification"] > datetime(2020, 1, 1, tzinfo=timezone.utc), answer
    return answer["SamplingTargetDocuments"][0]


def encryption():
    assert XRAY.get_encryption_config()["EncryptionConfig"] == {"Type": "NONE", "Status": "ACTIVE"}
    assert XRAY.put_encryption_config(Type="KMS", KeyId="alias/x")["EncryptionConfig"]["KeyId"] == "alias/x"
    assert XRAY.put_encryption_config(Type="NONE")["EncryptionConfig"]["Type"] == "NONE"


def retrieval(ids):
    token = XRAY.start_trace_retrieval(TraceIds=ids[:7], **RANGE)["RetrievalToken"]
    for form in ("XRAY", "OTEL"):
        found, more = [], {}
        while True:
            page = XRAY.list_retrieved_traces(RetrievalToken=token, TraceFormat=form, **more)
            assert page["RetrievalStatus"] == "COMPLETE", page
            found += page["Traces"]
            if not page.get("NextToken"):
                break
            more = {"NextToken": page["NextToken"]}
        assert {trace["Id"] for trace in found} == set(ids[:7]), found
        assert all(json.loads(span["Document"]) for trace in found for span in trace["Spans"])
    assert XRAY.get_retrieved_traces_graph(RetrievalToken=token)["Services"]
    XRAY.cancel_trace_retrieval(RetrievalToken=token)
    refused("ResourceNotFoundException", lambda: XRAY.list_retrieved_traces(RetrievalToken="nobody"))


def what_comes_later():
    for ask in (
        XRAY.list_resource_policies,
        XRAY.get_indexing_rules,
        XRAY.get_trace_segment_destination,
        lambda: XRAY.put_resource_policy(PolicyName="p", PolicyDocument="{}"),
    ):
        refused("InvalidRequestException", ask, "is not supported by the local X-Ray yet")


def refused(code, ask, words=""):
    try:
        answer = ask()
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == code and words in str(error), error
    else:
        raise AssertionError(f"expected {code}, got {answer}")


main()

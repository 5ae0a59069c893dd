"""Sends spans with the real OpenTelemetry SDK over OTLP and reads them back with boto3 as segments.

The address for exporters is in OTEL_EXPORTER_OTLP_ENDPOINT, that of the local X-Ray in AWS_XRAY_DAEMON_ADDRESS. Ends with
status 0 and the line "equal" when all was well.
"""

import json

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from local_xray import XRAY


def main():
    for compression in (Compression.NoCompression, Compression.Gzip):
        sends_a_trace(compression)
    print("equal")


def sends_a_trace(compression):
    resource = Resource.create({"service.name": "shop", "service.version": "1.2", "cloud.platform": "aws_ecs"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(compression=compression)))
    tracer = provider.get_tracer("test", "1")
    server = {"http.request.method": "GET", "url.scheme": "https", "server.address": "shop.example", "url.path": "/cart"}
    with tracer.start_as_current_span("GET /cart", kind=trace.SpanKind.SERVER, attributes=server) as root:
        root.set_attribute("http.response.status_code", 503)
        root.set_attribute("tier", "gold")
        with tracer.start_as_current_span("load"):
            call = {"rpc.system": "aws-api", "rpc.service": "DynamoDB", "rpc.method": "GetItem", "aws.region": "eu-west-1"}
            with tracer.start_as_current_span("DynamoDB.GetItem", kind=trace.SpanKind.CLIENT, attributes=call):
                pass
        try:
            with tracer.start_as_current_span("charge"):
                raise ValueError("issuer said no")
        except ValueError:
            pass
    provider.shutdown()
    digits = f"{root.get_span_context().trace_id:032x}"
    trace_id = f"1-{digits[:8]}-{digits[8:]}"
    (found,) = XRAY.batch_get_traces(TraceIds=[trace_id])["Traces"]
    documents = [json.loads(segment["Document"]) for segment in found["Segments"]]
    (shop,) = [document for document in documents if document["name"] == "shop"]
    assert shop["id"] == f"{root.get_span_context().span_id:016x}", shop
    assert shop["fault"] and shop["http"]["response"]["status"] == 503, shop
    assert shop["http"]["request"] == {"method": "GET", "url": "https://shop.example/cart"}, shop
    assert shop["origin"] == "AWS::ECS::Container" and shop["annotations"]["tier"] == "gold", shop
    load, charge = sorted(shop["subsegments"], key=lambda part: part["name"], reverse=True)
    assert (load["name"], charge["name"]) == ("load", "charge"), shop
    (table,) = load["subsegments"]
    assert table["name"] == "DynamoDB" and table["namespace"] == "aws" and table["aws"]["operation"] == "GetItem", table
    (exception,) = charge["cause"]["exceptions"]
    assert charge["fault"] and (exception["type"], exception["message"]) == ("ValueError", "issuer said no"), charge
    assert exception["stack"][0]["path"].endswith("open_telemetry.py") and exception["stack"][0]["line"] > 0, exception
    summaries = XRAY.get_trace_graph(TraceIds=[trace_id])["Services"]
    assert any(service["Name"] == "shop" for service in summaries), summaries


main()

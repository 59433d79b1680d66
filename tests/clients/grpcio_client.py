#!/usr/bin/env python3
"""grpcio_client.py ADDRESS: generates stubs from proto/ with grpcio-tools, ingests the sample article by a call and
by a stream, and checks what comes back: receipts, quotes, spans, read-your-writes, errors."""
import importlib
import pathlib
import sys
import tempfile

import grpc
from google.protobuf import timestamp_pb2
from grpc_tools import protoc

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARTICLE = (ROOT / "seeds" / "000_d53045ff0d7dd2d6.txt").read_text(encoding="utf8")


def stubs(folder):
    """Compiles proto/ into `folder` and gives the modules by name."""
    files = sorted(str(path.relative_to(ROOT / "proto")) for path in (ROOT / "proto").rglob("*.proto"))
    well_known = importlib.resources.files("grpc_tools") / "_proto"
    arguments = ["protoc", f"-I{ROOT / 'proto'}", f"-I{well_known}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
    assert protoc.main(arguments + files) == 0, "protoc refused proto/"
    sys.path.insert(0, folder)
    names = ["analysis_service", "document_service", "document", "quote_service", "entity_service", "query", "analysis"]
    modules = {name: importlib.import_module(f"dictum.v1.{name}_pb2") for name in names}
    for name in ["analysis_service", "document_service", "quote_service", "entity_service"]:
        modules[f"{name}_grpc"] = importlib.import_module(f"dictum.v1.{name}_pb2_grpc")
    return modules


def document(pb, **fields):
    published = timestamp_pb2.Timestamp(seconds=1757030400)
    return pb["document"].Document(text=ARTICLE, title="From grpcio", publish_time=published, source="grpcio", **fields)


def ingest_by_call(pb, documents):
    request = pb["document_service"].IngestDocumentRequest(document_id="grpcio-1", document=document(pb))
    receipt = documents.IngestDocument(request, timeout=30).receipt
    assert receipt.outcome == pb["document_service"].INGEST_OUTCOME_CREATED, receipt
    assert receipt.revision == 1 and receipt.quote_count > 0, receipt
    again = documents.IngestDocument(request, timeout=30).receipt
    assert again.outcome == pb["document_service"].INGEST_OUTCOME_ALREADY_CURRENT, again
    return receipt


def ingest_by_stream(pb, documents):
    ds = pb["document_service"]
    yes, no = document(pb), document(pb)
    no.text = ""
    messages = [
        ds.IngestStreamRequest(open=ds.IngestStreamOpen(ack_level=ds.ACK_LEVEL_SEARCHABLE)),
        ds.IngestStreamRequest(item=ds.IngestStreamItem(client_id="yes", document_id="grpcio-2", document=yes)),
        ds.IngestStreamRequest(item=ds.IngestStreamItem(client_id="no", document_id="grpcio-3", document=no)),
    ]
    answers = list(documents.IngestStream(iter(messages), timeout=30))
    kinds = [answer.WhichOneof("message") for answer in answers]
    assert kinds[0] == "opened" and sorted(kinds[1:]) == ["ack", "reject"], kinds
    assert [a.ack.client_id for a in answers if a.HasField("ack")] == ["yes"]
    assert [a.reject.client_id for a in answers if a.HasField("reject")] == ["no"]


def query(pb, quotes, token):
    request = pb["quote_service"].SearchQuotesRequest(
        filter=pb["query"].QuoteFilter(speakers=["Vladimir Putin"], document="collections/default/documents/grpcio-1"),
        consistency_token=token,
        offset_encodings=[pb["analysis"].OFFSET_ENCODING_CODE_POINTS],
    )
    response = quotes.SearchQuotes(request, timeout=30)
    assert response.total_size == len(response.results) > 0, response
    utf8 = ARTICLE.encode()
    for result in response.results:
        for span in result.quote.contents:
            assert utf8[span.begin : span.end].decode() == span.text, span
            assert ARTICLE[span.code_points.begin : span.code_points.end] == span.text, span
    assert any("If agreements are reached" in r.quote.contents[0].text for r in response.results), response


def refusals(pb, documents, quotes):
    for call, request, code in [
        (documents.GetDocument, pb["document_service"].GetDocumentRequest(name="collections/default/documents/none"), grpc.StatusCode.NOT_FOUND),
        (documents.GetDocument, pb["document_service"].GetDocumentRequest(name="a/b"), grpc.StatusCode.INVALID_ARGUMENT),
        (quotes.SearchQuotes, pb["quote_service"].SearchQuotesRequest(page_size=-1), grpc.StatusCode.INVALID_ARGUMENT),
        (quotes.SearchQuotes, pb["quote_service"].SearchQuotesRequest(page_token="bogus"), grpc.StatusCode.INVALID_ARGUMENT),
    ]:
        try:
            call(request, timeout=30)
        except grpc.RpcError as error:
            assert error.code() == code, error
            assert any(key == "grpc-status-details-bin" for key, _ in error.trailing_metadata()), error
        else:
            raise AssertionError(f"taken: {request}")


def compressed(pb, address):
    """gRPC C++ is under it: one channel that compresses all that it sends."""
    with grpc.insecure_channel(address, compression=grpc.Compression.Gzip) as channel:
        documents = pb["document_service_grpc"].DocumentServiceStub(channel)
        request = pb["document_service"].IngestDocumentRequest(document_id="grpcio-gzip", document=document(pb))
        answer = documents.IngestDocument(request, timeout=30)
        assert answer.receipt.quote_count > 0, answer
        request.document.text = "a" * (4 << 20)
        try:
            documents.IngestDocument(request, timeout=30)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.OUT_OF_RANGE, error
        else:
            raise AssertionError("a bomb was taken")


def main(address):
    with tempfile.TemporaryDirectory() as folder, grpc.insecure_channel(address) as channel:
        pb = stubs(folder)
        documents = pb["document_service_grpc"].DocumentServiceStub(channel)
        quotes = pb["quote_service_grpc"].QuoteServiceStub(channel)
        receipt = ingest_by_call(pb, documents)
        ingest_by_stream(pb, documents)
        query(pb, quotes, receipt.consistency_token)
        refusals(pb, documents, quotes)
        compressed(pb, address)


if __name__ == "__main__":
    main(sys.argv[1])

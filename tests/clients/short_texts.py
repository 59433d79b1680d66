#!/usr/bin/env python3
"""short_texts.py ADDRESS COUNT [ENGLISH]: streams COUNT texts of 1 to 200 bytes by each stream call, with texts of 5 MB
in between, as any Python program would, and checks that each is answered, over one connection. Most are in a language
that the analysis passes over, so that the wire is what is measured; ENGLISH more are not (default 100)."""
import random
import sys
import tempfile
import time

import grpc

from grpcio_client import stubs

LONG = "word " * 1_000_000
WORDS = "plan road gate river north seven open close ".split()


def texts(count, seed):
    """COUNT short texts, and one of 5 MB after each tenth of them."""
    pick = random.Random(seed)
    every = max(count // 10, 1)
    for n in range(count):
        length = pick.randint(1, 200)
        yield f"{n}", (f"{n} " + " ".join(pick.choices(WORDS, k=40)))[:length], "zz"
        if n % every == every - 1:
            yield f"long-{n}", LONG, "zz"


def english(count):
    for n in range(count):
        yield f"english-{n}", f"“We will open gate {n},” Ada Moreno said.", "en"


def ingest(pb, documents, items):
    ds, document = pb["document_service"], pb["document"].Document

    def messages():
        yield ds.IngestStreamRequest(open=ds.IngestStreamOpen())
        for name, text, language in items:
            item = ds.IngestStreamItem(client_id=name, document_id=name, document=document(text=text, language=language))
            yield ds.IngestStreamRequest(item=item)

    answered = set()
    for answer in documents.IngestStream(messages()):
        assert not answer.HasField("reject"), answer
        if answer.HasField("ack"):
            answered.add(answer.ack.client_id)
    return answered


def analyze(pb, analyses, items):
    service = pb["analysis_service"]

    def messages():
        for name, text, language in items:
            request = service.AnalyzeRequest(text=text, language=language)
            yield service.AnalyzeStreamRequest(id=name, request=request)

    answered = set()
    for answer in analyses.AnalyzeStream(messages()):
        assert answer.HasField("analysis"), answer
        answered.add(answer.id)
    return answered


def main(address, count, in_english):
    with tempfile.TemporaryDirectory() as folder, grpc.insecure_channel(address) as channel:
        pb = stubs(folder)
        states = []
        channel.subscribe(states.append)
        documents = pb["document_service_grpc"].DocumentServiceStub(channel)
        analyses = pb["analysis_service_grpc"].AnalysisServiceStub(channel)
        for call, stub in [(ingest, documents), (analyze, analyses)]:
            sent = list(texts(count, seed=count)) + list(english(in_english))
            started = time.monotonic()
            answered = call(pb, stub, sent)
            seconds = time.monotonic() - started
            assert answered == {name for name, _, _ in sent}, f"{len(answered)} of {len(sent)} answered"
            print(f"{call.__name__}: {len(sent)} texts in {seconds:.1f} s, {len(sent) / seconds:.0f} a second")
        ready = states.index(grpc.ChannelConnectivity.READY)
        assert set(states[ready:]) == {grpc.ChannelConnectivity.READY}, f"the connection was lost: {states}"


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 100)

#!/usr/bin/env python3
"""flood_latency.py CALLSLIP FOLDER [--connections N] [--calls N]: one address floods, another searches.

Serves FOLDER, asks doc_search over one kept connection from 127.0.0.3, first with the server idle, then while
N processes flood it from 127.0.0.2 with as many requests as it takes, by turns several times. Prints
p50, p95 and p99 in milliseconds, their ratios, and what the flood got. The flood runs on the same
machine: what it takes of the processors is part of the ratio.
"""
import argparse
import http.client
import json
import multiprocessing
import socket
import statistics
import tempfile
import time

from served_folder import start_server


BODY = json.dumps({"query": "how is a package configured", "limit": 5})


def flood(port, active, stop, served, refused):
    request = (f"POST /tools/doc_search HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
               f"Content-Length: {len(BODY)}\r\n\r\n{BODY}").encode() * 20
    while not stop.value:
        if not active.value:
            time.sleep(0.01)
            continue
        try:
            with socket.create_connection(("127.0.0.1", port), 2, ("127.0.0.2", 0)) as connection:
                while active.value and not stop.value:
                    connection.sendall(request)
                    data = connection.recv(1 << 16)
                    if not data:
                        break
                    served.value += data.count(b"HTTP/1.1 200")
                    refused.value += data.count(b"HTTP/1.1 429") + data.count(b"HTTP/1.1 503")
        except OSError:
            time.sleep(0.001)


def ask(port, calls):
    connection = http.client.HTTPConnection("127.0.0.1", port, source_address=("127.0.0.3", 0))
    times = []
    for _ in range(calls):
        before = time.perf_counter()
        connection.request("POST", "/tools/doc_search", BODY, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise SystemExit(f"the other address got {response.status}")
        times.append((time.perf_counter() - before) * 1000)
        time.sleep(0.02)
    return times


def percentiles(times):
    cuts = statistics.quantiles(times, n=100)
    return cuts[49], cuts[94], cuts[98]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("folder")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--calls", type=int, default=200)
    arguments = parser.parse_args()
    index = tempfile.mkdtemp(prefix="callslip-flood-")
    server, port = start_server(arguments.binary, arguments.folder, index)
    value = multiprocessing.Value
    active, stop, served, refused = value("b", 0), value("b", 0), value("q", 0), value("q", 0)
    floods = [multiprocessing.Process(target=flood, args=(port, active, stop, served, refused))
              for _ in range(arguments.connections)]
    for process in floods:
        process.start()
    ask(port, 20)
    idle, flooded = [], []
    try:
        for _ in range(4):
            active.value = 0
            time.sleep(0.5)
            idle += ask(port, arguments.calls // 4)
            active.value = 1
            time.sleep(0.5)
            flooded += ask(port, arguments.calls // 4)
    finally:
        stop.value = 1
        for process in floods:
            process.join()
        server.terminate()
        server.wait()
    print("| | p50 ms | p95 | p99 |\n|---|---|---|---|")
    rows = {"idle": percentiles(idle), "while another floods": percentiles(flooded)}
    for name, row in rows.items():
        print(f"| {name} | " + " | ".join(f"{x:.2f}" for x in row) + " |")
    print("| ratio | " + " | ".join(f"{b / a:.2f}" for a, b in zip(*rows.values())) + " |")
    print(f"the flood: {served.value} served, {refused.value} refused")


if __name__ == "__main__":
    main()

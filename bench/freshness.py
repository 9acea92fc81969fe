#!/usr/bin/env python3
"""freshness.py CALLSLIP FOLDER [--index DIR] [--saves N]: from save to searchable.

Serves FOLDER, saves files in a folder of its own in there, as editors do (in place, and by a new file
that is renamed), and asks the server over its socket until each is found. Prints p50, p95, p99 and
the longest time in milliseconds. The folder of its own is removed at the end.
"""
import argparse
import http.client
import json
import os
import random
import shutil
import tempfile
import time

from served_folder import start_server


def save(path, text, in_place):
    target = path if in_place else path + ".new"
    with open(target, "w") as file:
        file.write(text)
    if not in_place:
        os.rename(target, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("folder")
    parser.add_argument("--index", help="a folder that is kept; else one that is not")
    parser.add_argument("--saves", type=int, default=200)
    arguments = parser.parse_args()
    index = arguments.index or tempfile.mkdtemp(prefix="callslip-freshness-")
    own = os.path.join(arguments.folder, f"callslip-freshness-{os.getpid()}")
    server, port = start_server(arguments.binary, arguments.folder, index)
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def search(word):
        body = json.dumps({"query": word, "limit": 1, "detail": "ids"})
        connection.request("POST", "/tools/doc_search", body, {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read())

    chooser = random.Random(1)
    times = []
    try:
        os.mkdir(own)
        for number in range(arguments.saves):
            word = f"zq{os.getpid():x}x{number:x}y{chooser.getrandbits(32):x}"
            lines = [f"line {i} speaks of nothing in particular" for i in range(chooser.randrange(400))]
            lines.insert(len(lines) // 2, f"and this one of {word}")
            path = os.path.join(own, f"{chooser.randrange(20)}.md")
            save(path, "\n".join(lines) + "\n", number % 2 == 0)
            saved = time.monotonic()
            while not search(word)["matches"]:
                if time.monotonic() - saved > 60:
                    raise SystemExit(f"save {number} was not found within a minute")
                time.sleep(0.005)
            times.append((time.monotonic() - saved) * 1000)
            time.sleep(chooser.uniform(0, 0.3))
    finally:
        shutil.rmtree(own, ignore_errors=True)
        server.terminate()
        server.wait()
        if not arguments.index:
            shutil.rmtree(index)
    times.sort()

    def percentile(share):
        return times[min(len(times) - 1, int(share * len(times)))]

    print(f"{len(times)} saves: p50 {percentile(.5):.0f} ms, p95 {percentile(.95):.0f} ms, "
          f"p99 {percentile(.99):.0f} ms, longest {times[-1]:.0f} ms")


if __name__ == "__main__":
    main()

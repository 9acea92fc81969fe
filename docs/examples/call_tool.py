#!/usr/bin/python3
"""Calls one tool of a running server over WebSocket and prints the text of its answer.

    call_tool.py ws://127.0.0.1:8137/mcp doc_search '{"query": "write-ahead log"}'

Needs the Debian package python3-websockets. Exit codes: 0 an answer; 1 an error of the tool, or
no connection; 2 the command line is wrong.
"""
import asyncio
import json
import sys

import websockets


async def call(url, tool, arguments):
    # Protocol revision 2026-07-28: a request stands for itself, without a handshake before it.
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    request = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": tool, "arguments": arguments, "_meta": meta},
    }
    async with websockets.connect(url, subprotocols=["mcp"], max_size=2**24) as socket:
        await socket.send(json.dumps(request))
        async for message in socket:
            reply = json.loads(message)
            if reply.get("id") == 1:
                return reply
    raise ConnectionError("the server closed the connection without an answer")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(print(__doc__, file=sys.stderr) or 2)
    url, tool, *given = sys.argv[1:]
    try:
        arguments = json.loads(given[0]) if given else {}
    except ValueError as error:
        sys.exit(print(f"call_tool.py: the arguments are not JSON: {error}", file=sys.stderr) or 2)
    try:
        reply = asyncio.run(call(url, tool, arguments))
    except (OSError, websockets.WebSocketException) as error:
        sys.exit(f"call_tool.py: {url}: {error}")
    if "error" in reply:
        sys.exit(f"call_tool.py: {reply['error']['message']}")
    for part in reply["result"]["content"]:
        print(part.get("text", ""))
    if reply["result"].get("isError"):
        sys.exit(1)


main()

"""A server of a folder, for measurements: started by start_server, ended by its terminate()."""
import re
import subprocess
import threading


def start_server(binary, folder, index):
    """The process and its port, once it watches; prints what it says of that."""
    server = subprocess.Popen([binary, "serve", folder, "--index", index, "--listen", "127.0.0.1:0"],
                              stderr=subprocess.PIPE, text=True)
    port = None
    for line in server.stderr:
        found = re.search(r"listening on http://127.0.0.1:(\d+)", line)
        if found:
            port = int(found.group(1))
        if "watching: " in line:
            print(line.strip())
            break
    if port is None:
        raise SystemExit("the server did not start")
    threading.Thread(target=lambda: [None for _ in server.stderr], daemon=True).start()
    return server, port

"""Makes shared pads through the controller's socket: make_pads.py SOCKET DIRECTORY COUNT"""
import http.client
import json
import os
import socket
import sys


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("controller")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


path, directory, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
connection = UnixConnection(path)
for number in range(1, count + 1):
    pad = os.path.join(directory, str(number))
    os.makedirs(pad)
    body = json.dumps({"directory": pad, "shared": True, "intervalMilliseconds": 1000})
    connection.request("POST", "/v1/pads", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    text = response.read()
    if response.status >= 300:
        sys.exit(f"pad {number}: {response.status} {text.decode(errors='replace')}")

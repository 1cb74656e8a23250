#!/usr/bin/env python3
"""Asks the controller for page after page of a list over its Unix socket and prints the 99th percentile in milliseconds.

pages.py SOCKET PATH LIST REQUESTS: LIST is the member of the answer that holds the rows.
"""
import http.client
import json
import socket
import sys
import time
import urllib.parse


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


def main():
    path, route, member, requests = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    connection = UnixConnection(path)
    after, times, rows = None, [], 0
    for number in range(requests + 20):
        query = {"limit": "100"} | ({"after": after} if after else {})
        start = time.perf_counter()
        connection.request("GET", f"{route}?{urllib.parse.urlencode(query)}")
        response = connection.getresponse()
        body = response.read()
        if number >= 20:
            times.append((time.perf_counter() - start) * 1000)
        if response.status != 200:
            sys.exit(f"pages.py: {route} answered {response.status}: {body[:300]!r}")
        page = json.loads(body)
        rows += len(page[member])
        after = page.get("next")
    if rows < requests * 90:
        sys.exit(f"pages.py: {rows} rows in {requests} pages; the pages were not full")
    times.sort()
    print(f"{times[int(len(times) * 0.99)]:.3f}")


main()

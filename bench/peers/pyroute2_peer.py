"""pyroute2 as a contestant: pyroute2_peer.py WORKLOAD prints one JSON line."""
import json
import os
import resource
import sys
import time

T0 = time.monotonic()
from pyroute2 import IPRoute  # noqa: E402

workload = sys.argv[1]
ipr = IPRoute()
times = int(os.environ.get('ITER', 1))


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def report(n, seconds, used, **more):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({'n': n, 'seconds': seconds, 'cpu_seconds': used, 'peak_rss_kb': peak, **more}))


def dumps(read):
    if times > 1:
        list(read())
    counted = max(1, times - 1)
    took, before = [], cpu()
    for _ in range(counted):
        began = time.monotonic()
        rows = list(read())
        took.append(time.monotonic() - began)
    report(len(rows), sorted(took)[counted // 2], (cpu() - before) / counted)


if workload == 'dump-routes':
    dumps(lambda: ipr.get_routes(family=2))
elif workload == 'dump-links':
    dumps(ipr.get_links)
elif workload == 'startup':
    rows = list(ipr.get_links())
    report(len(rows), time.monotonic() - T0, cpu())
elif workload == 'get-link':
    n, name = int(os.environ.get('N', 1000)), os.environ['IFACE']
    took, before = [], cpu()
    for _ in range(n):
        began = time.monotonic()
        ipr.link('get', ifname=name)
        took.append(time.monotonic() - began)
    report(n, sum(took), cpu() - before, p50_us=sorted(took)[n // 2] * 1e6)
else:
    sys.exit(3)

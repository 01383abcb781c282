"""The front end of QEMU's generator, as a program to be measured: prints the median time of one run in microseconds."""

import statistics
import sys
import time

sys.path.insert(0, sys.argv[1] + "/scripts")

from qapi.schema import QAPISchema  # noqa: E402

times = []
for _ in range(int(sys.argv[3]) + 1):
    begun = time.perf_counter()
    QAPISchema(sys.argv[2])
    times.append(time.perf_counter() - begun)
# The first one warms up.
print(f"{statistics.median(times[1:]) * 1e6:.3f}")

"""The client of qemu.qmp, as a program to be measured: prints the median round trip in microseconds."""

import asyncio
import statistics
import sys
import time

from qemu.qmp import QMPClient


async def main(socket: str, task: str, count: int) -> None:
    client = QMPClient()
    # Agents do not greet.
    client.await_greeting = False
    client.negotiate = False
    await client.connect(socket)
    times = []
    for _ in range(count + count // 10):
        begun = time.perf_counter()
        await client.execute("guest-" + task)
        times.append(time.perf_counter() - begun)
    await client.disconnect()
    # The first tenth warms up.
    print(f"{statistics.median(times[count // 10:]) * 1e6:.3f}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))

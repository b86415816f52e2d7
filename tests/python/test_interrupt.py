"""Waiting: Ctrl-C, threads, asyncio, fork, close and the end of the program."""

import asyncio
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from confluence_access import AsyncConfluence, ClosedError, Confluence, ConfluenceError, Simulator

STALL = {"path": "", "effect": "stall", "seconds": 30}


def run(program: str, *, timeout: float = 30.0) -> subprocess.CompletedProcess[str]:
    """Runs a program of its own: signals, forks and exits concern a whole process."""
    prelude = """
        import asyncio, os, signal, sys, threading, time
        from confluence_access import *
        STALL = {"path": "", "effect": "stall", "seconds": 30}
    """
    code = textwrap.dedent(prelude) + textwrap.dedent(program)
    command = [sys.executable, "-X", "dev", "-W", "ignore::DeprecationWarning", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


def asynchronous(simulator: Simulator, **settings) -> AsyncConfluence:
    return AsyncConfluence(simulator.url, username=simulator.username, token=simulator.token, **settings)


def test_ctrl_c_ends_a_snapshot_within_a_tenth_of_a_second():
    done = run("""
        with Simulator(faults=[STALL]) as simulator, simulator.connect() as wiki:
            sent = []
            def press():
                sent.append(time.monotonic())
                os.kill(os.getpid(), signal.SIGINT)
            threading.Timer(0.4, press).start()
            try:
                wiki.snapshot()
            except KeyboardInterrupt:
                print(time.monotonic() - sent[0])
            started = time.monotonic()
        print(time.monotonic() - started)
    """)
    assert done.returncode == 0, done.stderr
    late, closing = map(float, done.stdout.split())
    # The tick is 50 ms; the rest is for a machine that has other things to do.
    assert 0 <= late < 0.3
    assert closing < 1.0


def test_ctrl_c_leaves_the_client_usable_and_nothing_running():
    done = run("""
        with Simulator() as simulator, simulator.connect() as wiki:
            simulator.fail("", effect="stall", seconds=30, times=1)
            threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
            try:
                wiki.spaces()
            except KeyboardInterrupt:
                print(len(wiki.spaces()) > 0)
    """)
    assert (done.returncode, done.stdout.split()) == (0, ["True"]), done.stderr


def test_an_uncaught_ctrl_c_ends_the_program():
    done = run("""
        simulator = Simulator(faults=[STALL])
        wiki = simulator.connect()
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        wiki.snapshot()
    """)
    assert "KeyboardInterrupt" in done.stderr
    assert done.returncode in (-2, 130), done.returncode


def test_an_error_in_the_progress_function_ends_the_call_and_is_raised():
    class Enough(Exception):
        pass

    def report(stage: str, done: int, total: int | None) -> None:
        raise Enough

    with Simulator(latency=0.02) as simulator, simulator.connect() as wiki, pytest.raises(Enough):
        wiki.snapshot(progress=report)


def test_other_threads_run_while_a_call_waits():
    with Simulator(latency=0.3) as simulator, simulator.connect() as wiki:
        beats, stop = [], threading.Event()

        def beat() -> None:
            while not stop.wait(0.01):
                beats.append(time.monotonic())

        heart = threading.Thread(target=beat)
        heart.start()
        started = time.monotonic()
        wiki.spaces()
        took = time.monotonic() - started
        stop.set()
        heart.join()
    assert took >= 0.3
    # A call that held the interpreter would leave one.
    assert len(beats) > 8


def test_threads_share_a_client():
    with Simulator(latency=0.01) as simulator, simulator.connect() as wiki, ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: [s.key for s in wiki.spaces()], range(16)))
    assert len(keys[0]) > 0
    assert keys == [keys[0]] * 16


def test_asyncio_goes_on_while_a_call_waits():
    async def main(simulator: Simulator) -> int:
        async with asynchronous(simulator) as wiki:
            call = asyncio.ensure_future(wiki.spaces())
            beats = 0
            while not call.done():
                await asyncio.sleep(0.01)
                beats += 1
            assert len(await call) > 0
            return beats

    with Simulator(latency=0.3) as simulator:
        assert asyncio.run(main(simulator)) > 8


def test_asyncio_calls_run_side_by_side():
    async def main(simulator: Simulator) -> list[int]:
        async with asynchronous(simulator) as wiki:
            return await asyncio.gather(*(_length(wiki) for _ in range(50)))

    async def _length(wiki: AsyncConfluence) -> int:
        return len(await wiki.groups())

    with Simulator(latency=0.01) as simulator:
        lengths = asyncio.run(main(simulator))
    assert lengths[0] > 0
    assert lengths == [lengths[0]] * 50


@pytest.mark.parametrize("how", ["cancel", "timeout"])
def test_cancelling_an_asyncio_call_aborts_the_request(how: str):
    async def main(simulator: Simulator) -> None:
        async with asynchronous(simulator) as wiki:
            started = time.monotonic()
            if how == "timeout":
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await wiki.snapshot()
            else:
                call = asyncio.ensure_future(wiki.snapshot())
                await asyncio.sleep(0.2)
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            assert time.monotonic() - started < 1
            simulator.heal()
            asked = len(simulator.requests)
            await asyncio.sleep(0.3)
            # Nothing of the aborted crawl is sent later.
            assert len(simulator.requests) == asked

    with Simulator(faults=[STALL]) as simulator:
        asyncio.run(main(simulator))


def test_closing_ends_asyncio_calls_under_way():
    async def main(simulator: Simulator) -> None:
        wiki = asynchronous(simulator)
        call = asyncio.ensure_future(wiki.spaces())
        await asyncio.sleep(0.2)
        await wiki.close()
        with pytest.raises(ClosedError):
            async with asyncio.timeout(2):
                await call

    with Simulator(faults=[STALL]) as simulator:
        asyncio.run(main(simulator))


def test_asyncio_progress_is_reported_in_the_thread_of_the_loop():
    seen = []

    async def main(simulator: Simulator) -> None:
        async with asynchronous(simulator) as wiki:
            await wiki.snapshot(progress=lambda *stage: seen.append((threading.get_ident(), *stage)))

    with Simulator(pages=60, latency=0.01) as simulator:
        asyncio.run(main(simulator))
    assert {ident for ident, *_ in seen} == {threading.get_ident()}
    assert {stage for _, stage, *_ in seen} >= {"spaces", "contents"}


def test_a_closed_client_says_so():
    with Simulator() as simulator:
        wiki = simulator.connect()
        wiki.close()
        wiki.close()
        assert wiki.closed
        assert "closed" in repr(wiki)
        with pytest.raises(ClosedError, match="make a new"):
            wiki.spaces()


def test_closing_in_another_thread_ends_a_waiting_call():
    with Simulator(faults=[STALL]) as simulator:
        wiki = simulator.connect()
        threading.Timer(0.2, wiki.close).start()
        started = time.monotonic()
        with pytest.raises(ClosedError):
            wiki.spaces()
        assert time.monotonic() - started < 1.5


def test_a_forked_child_is_told_to_make_its_own_client():
    done = run("""
        with Simulator(pages=20) as simulator, simulator.connect() as wiki:
            wiki.spaces()
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    wiki.spaces()
                except ForkedError as error:
                    assert isinstance(error, RuntimeError) and "child" in str(error), error
                    wiki.close()
                    with simulator.connect() as fresh:
                        code = 0 if len(fresh.spaces()) else 2
                finally:
                    sys.stdout.flush()
                    os._exit(code)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), len(wiki.spaces()) > 0)
    """)
    assert (done.returncode, done.stdout.split()) == (0, ["0", "True"]), done.stderr


def test_a_forked_child_ends_cleanly_although_the_client_is_collected_there():
    done = run("""
        simulator = Simulator(pages=20)
        wiki = simulator.connect()
        wiki.spaces()
        child = os.fork()
        if child == 0:
            del wiki, simulator
            sys.exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """)
    assert (done.returncode, done.stdout.split()) == (0, ["0"]), done.stderr


@pytest.mark.parametrize("attempt", range(5))
def test_a_program_may_end_with_calls_under_way(attempt: int):
    done = run("""
        async def main():
            wiki = AsyncConfluence(simulator.url, username=simulator.username, token=simulator.token)
            calls = [asyncio.ensure_future(wiki.spaces()) for _ in range(20)]
            await asyncio.sleep(0.05)
            os.write(1, b"leaving")

        simulator = Simulator(latency=0.05)
        wiki = simulator.connect()
        threading.Thread(target=wiki.snapshot, daemon=True).start()
        asyncio.run(main())
    """)
    assert (done.returncode, done.stdout) == (0, "leaving"), done.stderr


def test_a_client_nobody_holds_any_more_goes_away_without_waiting():
    with Simulator() as simulator:
        for _ in range(20):
            simulator.connect().spaces()
        names = [thread for thread in threading.enumerate() if thread.name == "confluence-access"]
    assert names == []


def test_a_call_inside_a_running_loop_works():
    async def main(wiki: Confluence) -> int:
        return len(wiki.spaces())

    with Simulator() as simulator, simulator.connect() as wiki:
        assert asyncio.run(main(wiki)) > 0


def test_a_dead_port_is_told_from_inside_asyncio_too():
    async def main() -> None:
        async with AsyncConfluence("http://127.0.0.1:9", username="a", token="t", max_retries=0) as wiki:
            await wiki.spaces()

    with pytest.raises(ConnectionError) as caught:
        asyncio.run(main())
    assert isinstance(caught.value, ConfluenceError)

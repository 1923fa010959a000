"""The child process: what is streamed, and what is left when somebody dies."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from coldchain.engines import ENGINES, process
from coldchain.engines.process import solve
from coldchain.engines.record import silent, verify
from coldchain.engines.worker import BEGINNING
from coldchain.errors import SolverFailed, UnknownName
from coldchain.selection import Effort, Progress, SelectionProblem, Status

ROOT = Path(__file__).resolve().parents[1]

HARD = """
import numpy as np
from coldchain.selection import SelectionProblem

def hard():
    rng = np.random.default_rng(4)
    n, pools, each = 60, 40, 40
    start, pool, load, cost, customer = [0], [], [], [], []
    for k in range(n):
        q = int(rng.integers(3, 15))
        for _ in range(each):
            used = rng.choice(pools, size=2, replace=False)
            pool += used.tolist(); load += [q, q]; start.append(len(pool))
            cost.append(int(rng.integers(0, 4000))); customer.append(k)
    a = lambda x: np.array(x, dtype=np.int64)
    return SelectionProblem(
        option_customer=a(customer), option_cost=a(cost), option_start=a(start),
        option_pool=a(pool), option_load=a(load), skip_cost=a([30000] * n),
        pool_capacity=a([20] * pools),
        pool_cost=a(rng.integers(2000, 9000, pools)), limit_capacity=a([]), limit_start=a([0]),
        limit_pool=a([]),
    )
"""

DRIVER = (
    HARD
    + """
import json, os, sys
from coldchain.engines.process import solve
from coldchain.selection import Effort

def tell(progress):
    print(json.dumps({"phase": progress.phase, "cost": progress.cost}), flush=True)

answer = solve(hard(), Effort(seconds=60.0), "exact", tell)
print(json.dumps({"status": answer.status, "cost": answer.cost, "bound": answer.bound,
                  "ortools": "ortools" in sys.modules}), flush=True)
"""
)


def hard() -> SelectionProblem:
    space: dict = {}
    exec(HARD, space)
    return space["hard"]()


def children_of(pid: int) -> list[int]:
    """Processes that have ``pid`` as parent, by the process table."""
    # The ps that is asked stands in its own table; by the time it is read it is gone.
    with subprocess.Popen(["ps", "-eo", "pid=,ppid="], stdout=subprocess.PIPE, text=True) as ps:
        rows = [[int(word) for word in line.split()] for line in ps.communicate()[0].splitlines()]
    return [child for child, parent in rows if parent == pid and child != ps.pid]


def runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    ask = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()
    return state != "" and not state.startswith("Z")


def gone(pid: int, *, within: float) -> bool:
    until = time.monotonic() + within
    while runs(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def start_driver() -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )


def wait_for_phase(driver: subprocess.Popen[str], phase: str) -> None:
    assert driver.stdout is not None
    for line in driver.stdout:
        if json.loads(line)["phase"] == phase:
            return
    raise AssertionError("the driver ended early")


def sabotage(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Let every Python started from here run ``code`` first."""
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_child_answers_as_the_engine_does(engine: str):
    problem = hard()
    effort = Effort(seconds=30.0, gap=0.5)
    told: list[Progress] = []
    answer = solve(problem, effort, engine, told.append)
    verify(problem, answer)
    direct = ENGINES[engine](problem, effort, silent)
    assert (answer.chosen, answer.bound, answer.status) == (
        direct.chosen,
        direct.bound,
        direct.status,
    )
    assert answer.engine == direct.engine
    assert told.pop(0).cost is None
    assert told.pop(0).phase == BEGINNING
    assert told[0].cost == 60 * 30000
    assert len({progress.phase for progress in told}) >= 2


def test_an_unknown_engine_is_named_with_its_nearest():
    with pytest.raises(UnknownName, match="exact"):
        solve(hard(), Effort(), "high")


@pytest.mark.parametrize("phase", ["start", "bound"])
def test_ctrl_c_returns_the_best_so_far(phase: str):
    with start_driver() as driver:
        wait_for_phase(driver, phase)
        children = children_of(driver.pid)
        # As a terminal does: to the whole group. The child must not be in it.
        os.killpg(driver.pid, signal.SIGINT)
        output, errors = driver.communicate(timeout=15)
        assert driver.returncode == 0, errors
        last = json.loads(output.splitlines()[-1])
        assert last["status"] == "interrupted"
        assert 0 < last["bound"] < last["cost"]
        if phase == "bound":
            assert last["cost"] < 60 * 30000
        assert last["ortools"] is False
        assert len(children) == 1
        assert gone(children[0], within=5.0)


def test_a_second_ctrl_c_does_not_wait():
    with start_driver() as driver:
        wait_for_phase(driver, "bound")
        (child,) = children_of(driver.pid)
        # A child that cannot react: only killing helps.
        os.kill(child, signal.SIGSTOP)
        os.killpg(driver.pid, signal.SIGINT)
        time.sleep(0.2)
        os.killpg(driver.pid, signal.SIGINT)
        output, errors = driver.communicate(timeout=15)
        assert driver.returncode == 0, errors
        assert json.loads(output.splitlines()[-1])["status"] == "interrupted"
        assert gone(child, within=5.0)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_a_child_that_dies_leaves_its_best(how: signal.Signals):
    problem = hard()

    def strike(progress: Progress) -> None:
        if progress.phase == "bound":
            for child in children_of(os.getpid()):
                os.kill(child, how)

    answer = solve(problem, Effort(seconds=60.0), "exact", strike)
    assert answer.status is Status.INTERRUPTED
    assert answer.cost < 60 * 30000
    assert answer.bound > 0
    verify(problem, answer)


def test_a_child_without_a_plan_is_a_failure_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    sabotage(monkeypatch, tmp_path, "import os\nos.write(2, b'no memory left\\n')\nos._exit(9)\n")
    with pytest.raises(SolverFailed, match=r"exit 9\) without a plan\nno memory left"):
        solve(hard(), Effort(seconds=5.0), "exact")


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    sabotage(
        monkeypatch,
        tmp_path,
        "import os, signal, threading, sys\n"
        "if sys.orig_argv[1:3] == ['-m', 'coldchain.engines.worker']:\n"
        "    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGSTOP)).start()\n",
    )
    monkeypatch.setattr(process, "GRACE", 1.0)
    began = time.monotonic()
    problem = hard()
    answer = solve(problem, Effort(seconds=3.0), "exact")
    assert answer.status is Status.LIMIT
    assert time.monotonic() - began < 10.0
    verify(problem, answer)


def test_no_orphan_when_the_parent_is_killed():
    with start_driver() as driver:
        wait_for_phase(driver, "bound")
        (child,) = children_of(driver.pid)
        driver.kill()
        assert gone(child, within=10.0)


def test_solving_beside_another_solver_needs_no_ortools_here():
    code = DRIVER.replace("seconds=60.0", "seconds=30.0, gap=0.5")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd="/",
    )
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["ortools"] is False
    assert last["status"] == "optimal"


def test_a_large_problem_goes_through_the_pipe():
    many = 60_000
    problem = SelectionProblem(
        option_customer=np.zeros(many, dtype=np.int64),
        option_cost=np.arange(many, dtype=np.int64)[::-1].copy(),
        option_start=np.arange(many + 1, dtype=np.int64),
        option_pool=np.arange(many, dtype=np.int64),
        option_load=np.full(many, 7, dtype=np.int64),
        skip_cost=np.array([10**9]),
        pool_capacity=np.full(many, 20, dtype=np.int64),
        pool_cost=np.full(many, 5, dtype=np.int64),
        limit_capacity=np.zeros(0, dtype=np.int64),
        limit_start=np.zeros(1, dtype=np.int64),
        limit_pool=np.zeros(0, dtype=np.int64),
    )
    answer = solve(problem, Effort(seconds=30.0), "exact")
    assert (answer.chosen, answer.cost, answer.bound) == ((many - 1,), 5, 5)

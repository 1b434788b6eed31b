"""The package as users get it: cheap to import, the same from a clone and from a wheel, errors that name the extra."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import neurosym

ROOT = Path(__file__).parent.parent


def test_importing_neurosym_pulls_in_nothing_heavy() -> None:
    heavy = ("torch", "transformers", "sympy", "z3", "networkx", "lark", "numpy")
    code = f"import sys, neurosym; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_solving_a_program_loads_no_solver_and_no_torch_in_the_callers_process() -> None:
    code = (
        "import sys, neurosym\n"
        "if __name__ == '__main__':\n"
        "    assert neurosym.run('let x = 2\\nask x + 1\\n').answer == '3'\n"
        "    print([m for m in ('torch', 'transformers', 'sympy', 'z3') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_sorted_exist_and_are_all_there_are() -> None:
    assert list(neurosym.__all__) == sorted(neurosym.__all__) == sorted(neurosym._HOME)
    for name in neurosym.__all__:
        assert getattr(neurosym, name) is not None


def test_a_wheel_installs_elsewhere_and_solves_a_program(tmp_path: Path) -> None:
    source = tmp_path / "source"  # a build leaves its folders beside what it builds
    aside = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__", "results*.jsonl")
    shutil.copytree(ROOT, source, symlinks=True, ignore=aside)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)],
        check=True,
        capture_output=True,
        cwd=tmp_path,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"neurosym/grammars/ir.lark", "neurosym/solvers/smt.py", "neurosym/py.typed"} <= names
    assert not any(name.startswith(("solvers/", "grammars/", "tests/")) for name in names)

    # A fresh environment; the dependencies come from ours, so that the test needs no network.
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = next((home / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    ours = [p for p in sys.path if p.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(ours), encoding="utf-8")
    program = tmp_path / "tickets.ns"
    program.write_text("var a, b: count\na + b = 20\n5*a + 3*b = 76\nask a\n", encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [str(python), "-m", "neurosym", "run", str(program)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answer"] == "8"
    where = subprocess.run(
        [str(python), "-c", "import neurosym.solvers.smt as m; print(m.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment,
    )
    assert Path(where.stdout.strip()).is_relative_to(home)

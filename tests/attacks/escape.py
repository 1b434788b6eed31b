"""Attacks by Python's own back doors: what a filter of names would miss, and what would meet the next program."""

from __future__ import annotations

from attacks.attack import Attack

ATTACKS = (
    Attack(
        "find a way out among all classes",
        """
for kind in ().__class__.__base__.__subclasses__():
    if kind.__name__ == '_wrap_close':
        answer = kind.__init__.__globals__['popen']('cat ' + scene.secret_file).read()
""",
        control=True,
    ),
    Attack(
        "find builtins through a function",
        """
import collections
answer = collections.namedtuple.__globals__['__builtins__']['open'](scene.secret_file).read()
""",
        control=True,
    ),
    Attack(
        "import by spelling it out",
        "answer = __import__('o' + 's').popen('ca' + 't ' + scene.secret_file).read()",
        control=True,
    ),
    Attack(
        "run inside another interpreter",
        """
import _xxsubinterpreters as interpreters
one = interpreters.create()
interpreters.run_string(one, f'open({scene.mark!r}, "w").close()')
""",
        control=True,
    ),
    Attack(
        "open a debugger",
        """
import io, pdb
typed = io.StringIO(f'!open({scene.mark!r}, "w").close()\\nc\\n')
pdb.Pdb(stdin=typed, stdout=io.StringIO()).run('x = 1')
""",
        control=True,
    ),
    Attack(
        "page a help text by a program",
        "import os, pydoc\nos.environ['PAGER'] = f'touch {scene.mark} #'\npydoc.pipepager('x', os.environ['PAGER'])",
        control=True,
    ),
    Attack("read what the caller types", "import sys\nanswer = sys.stdin.read() or open('/dev/tty').read()"),
    Attack(
        "type into the caller's terminal",
        """
import fcntl, termios
for n in range(3):
    fcntl.ioctl(n, termios.TIOCSTI, b'x')
answer = 'pwned'
""",
    ),
    Attack(
        "poison builtins for the next program",
        """
import builtins, math
builtins.sum = builtins.len = lambda *a: 0
math.sqrt = lambda x: 0
answer = 1
""",
    ),
    Attack(
        "poison imports for the next program",
        """
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        raise ImportError(name)
sys.meta_path.insert(0, Finder())
sys.path[:] = []
sys.path_importer_cache.clear()
sys.modules['math'] = sys.modules['statistics'] = None
answer = 1
""",
    ),
    Attack(
        "poison the context of decimals and the seed of chance for the next program",
        """
import decimal, random
decimal.getcontext().prec = 1
decimal.DefaultContext.prec = 1
random.seed(0)
answer = 1
""",
    ),
    Attack(
        "poison the solvers' own cache for the next program",
        """
import sympy.core.cache, neurosym.language.read as read
read.MAX_CHARACTERS = 0
sympy.Integer.__add__ = lambda a, b: sympy.Integer(0)
sympy.core.numbers._intcache = {}
answer = 1
""",
    ),
    Attack(
        "swallow every exception of ours",
        """
import sys
sys.excepthook = sys.unraisablehook = lambda *a: None
class Quiet(type(sys)):
    def __getattr__(self, name):
        return lambda *a, **k: 'pwned'[:0]
sys.modules['json'] = Quiet('json')
sys.modules['os'] = Quiet('os')
answer = 1
""",
    ),
    Attack(
        "close the streams under our feet",
        """
import sys
sys.stdout.close()
sys.stderr.close()
sys.stdin.close()
sys.stdout = sys.stdin = None
answer = 1
""",
    ),
    Attack(
        "install a hook that hears everything",
        """
import sys
sys.addaudithook(lambda *a: None)
sys.modules['neurosym'] = None
answer = 1
""",
    ),
    Attack(
        "fetch and install a package",
        """
import runpy, sys
sys.argv = ['pip', 'download', '--dest', scene.open_dir, '--no-index', 'x']
runpy.run_module('pip', run_name='__main__')
""",
    ),
)

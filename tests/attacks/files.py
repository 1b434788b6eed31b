"""Attacks on files: read the caller's, spoil them, leave some behind."""

from __future__ import annotations

from attacks.attack import Attack

ATTACKS = (
    Attack("read a file by its path", "answer = open(scene.secret_file).read()", control=True),
    Attack(
        "read a file by system calls",
        "import os\nanswer = os.read(os.open(scene.secret_file, os.O_RDONLY), 99).decode()",
        control=True,
    ),
    Attack(
        "read a file by raw input and output",
        "import _io\nanswer = _io.FileIO(scene.secret_file).readall().decode()",
        control=True,
    ),
    Attack(
        "map a file into memory",
        """
import mmap, os
answer = mmap.mmap(os.open(scene.secret_file, os.O_RDONLY), 0, prot=mmap.PROT_READ)[:].decode()
""",
        control=True,
    ),
    Attack(
        "read a file as the source of a module",
        """
import importlib.machinery
answer = importlib.machinery.SourceFileLoader("m", scene.secret_file).get_data(scene.secret_file).decode()
""",
        control=True,
    ),
    Attack("read a file as lines of a traceback", "import linecache\nanswer = linecache.getline(scene.secret_file, 1)"),
    Attack(
        "read a file by numpy",
        "import numpy\nanswer = numpy.fromfile(scene.secret_file, dtype='S1').tobytes().decode()",
        control=True,
    ),
    Attack(
        "read a file through a path that climbs",
        "import os\nos.chdir('/tmp')\nanswer = open('../' * 20 + scene.secret_file.lstrip('/')).read()",
        control=True,
    ),
    Attack(
        "read the system's users", "answer = 'pwned' if 'root:' in open('/etc/passwd').read() else ''", control=True
    ),
    Attack(
        "look up the system's users", "import pwd\nanswer = 'pwned' if pwd.getpwnam('daemon') else ''", control=True
    ),
    Attack("read root's files", "answer = 'pwned' if open('/etc/shadow').read() else ''"),
    Attack(
        "list a folder",
        "import os\nanswer = 'pwned' if 'secret.txt' in os.listdir(os.path.dirname(scene.secret_file)) else ''",
        control=True,
    ),
    Attack(
        "learn whether a file exists",
        "import os\nanswer = 'pwned' if os.path.exists(scene.secret_file) else ''",
        metadata=True,
        control=True,
    ),
    Attack(
        "learn how large a file is",
        "import os\nanswer = 'pwned' if os.stat(scene.secret_file).st_size else ''",
        metadata=True,
        control=True,
    ),
    Attack("read where a link points", "import os\nanswer = os.readlink(scene.link)", metadata=True, control=True),
    Attack("write over a file", "open(scene.target, 'w').write('spoilt')", control=True),
    Attack("append to a file", "open(scene.target, 'a').write('spoilt')", control=True),
    Attack(
        "empty a file without writing",
        "import os\nos.open(scene.target, os.O_WRONLY | os.O_TRUNC)",
        control=True,
    ),
    Attack("truncate a file by its path", "import os\nos.truncate(scene.target, 1)", control=True),
    Attack("make an empty file", "import os\nos.open(scene.open_dir + '/new', os.O_CREAT | os.O_WRONLY)", control=True),
    Attack("make a file among the temporary ones", "open(scene.mark, 'w').write('x')", control=True),
    Attack("make a folder", "import os\nos.mkdir(scene.open_dir + '/folder')", control=True),
    Attack("make a named pipe", "import os\nos.mkfifo(scene.open_dir + '/pipe')", control=True),
    Attack("make a symbolic link", "import os\nos.symlink('/etc', scene.open_dir + '/link')", control=True),
    Attack("make a hard link", "import os\nos.link(scene.target, scene.open_dir + '/hard')", control=True),
    Attack("delete a file", "import os\nos.unlink(scene.target)", control=True),
    Attack("delete a tree", "import shutil\nshutil.rmtree(scene.open_dir)", control=True),
    Attack("rename a file", "import os\nos.rename(scene.target, scene.open_dir + '/other')", control=True),
    Attack("change a file's mode", "import os\nos.chmod(scene.target, 0o777)", control=True),
    Attack("change a file's times", "import os\nos.utime(scene.target, (1, 1))", control=True),
    Attack(
        "bind a socket to a path",
        "import socket\nsocket.socket(socket.AF_UNIX).bind(scene.open_dir + '/bound')",
        control=True,
    ),
    Attack(
        "make a database",
        """
import sqlite3
database = sqlite3.connect(scene.open_dir + '/data.db')
database.execute('create table t (x)')
database.commit()
""",
        control=True,
    ),
    Attack(
        "leave a program where later ones import",
        """
import os, neurosym
home = os.path.dirname(neurosym.__file__)
path = os.path.join(home, 'ns_stray_module.py')
open(path, 'x').close()
os.unlink(path)
answer = 'pwned'
""",
    ),
    Attack(
        "leave shared memory behind",
        """
from multiprocessing import shared_memory
kept = shared_memory.SharedMemory(name='ns-stray', create=True, size=4096)
import os
os._exit(0)
""",
    ),
    Attack(
        "write to the raw disk or memory",
        """
import os
answer = ''
for device in ('/dev/mem', '/dev/kmsg', '/dev/vda', '/dev/sda', '/dev/nvme0n1', '/dev/net/tun', '/dev/fuse'):
    try:
        os.open(device, os.O_RDWR)
        answer = 'pwned'
    except OSError:
        pass
""",
    ),
)

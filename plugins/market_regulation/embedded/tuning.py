"""PostgreSQL settings for the machine the embedded server runs on.

Memory is shared with Airflow and dbt, hence an eighth of it for shared_buffers. Durability is never traded:
fsync and synchronous_commit stay on.
"""

import shutil
from pathlib import Path

import psutil

MIB = 1024 * 1024
GIB = 1024 * MIB
CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def usable_memory() -> int:
    """Return the bytes of memory this process may use: the machine's, or the container's limit if lower."""
    limits = [int(text) for path in CGROUP_LIMITS if path.exists() and (text := path.read_text().strip()).isdigit()]
    return min([psutil.virtual_memory().total, *limits])


def server_settings(folder: Path, port: int, socket_folder: Path) -> dict[str, str]:
    """Return the whole ``postgresql.conf`` as name to value, in PostgreSQL's own units.

    Args:
        folder: Folder of the server's log; its disk bounds the size of the write-ahead log.
        port: TCP port on 127.0.0.1.
        socket_folder: Folder of the Unix socket.
    """
    memory = usable_memory()
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": f'"{socket_folder}"',
        "password_encryption": "scram-sha-256",
        "max_connections": "200",
        "shared_buffers": _mib(memory // 8, 128 * MIB, 8 * GIB),
        "effective_cache_size": _mib(memory // 2, 256 * MIB, 1024 * GIB),
        "work_mem": _mib(memory // 384, 8 * MIB, 128 * MIB),
        "maintenance_work_mem": _mib(memory // 48, 64 * MIB, GIB),
        "max_wal_size": _mib(shutil.disk_usage(folder).free // 10, GIB, 8 * GIB),
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "dynamic_shared_memory_type": _dynamic_shared_memory(),
        "fsync": "on",
        "synchronous_commit": "on",
        "client_connection_check_interval": "2s",
        "idle_in_transaction_session_timeout": "5min",
        "timezone": "Asia/Shanghai",
        "log_timezone": "Asia/Shanghai",
        "lc_messages": "C",
        "logging_collector": "on",
        "log_directory": str(folder),
        "log_filename": "postgresql-%a.log",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] %u@%d %a ",
        "log_connections": "on",
        "log_statement": "ddl",
    }


def _mib(size: int, low: int, high: int) -> str:
    return f"{min(max(size, low), high) // MIB}MB"


def _dynamic_shared_memory() -> str:
    """Containers often have 64 MiB of /dev/shm, on which parallel queries fail: use files in the data folder there."""
    shared = Path("/dev", "shm")
    return "posix" if shared.is_dir() and shutil.disk_usage(shared).total >= GIB else "mmap"

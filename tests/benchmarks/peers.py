"""What others do with the same file, in an environment of their own (``peers.txt``): rows into a table, no checks.

``python peers.py dlt FILE URI`` prints the seconds of the load, imports excluded. dlt reads the file in Arrow batches
and writes Parquet that goes in by ADBC, its fastest way into PostgreSQL.
"""

import os
import sys
import tempfile
import time

import dlt
import pyarrow as pa
from pyarrow import csv


def main() -> None:
    """Load the file named on the command line."""
    _, file, uri = sys.argv[1:]
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    names = csv.open_csv(file).schema.names
    options = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))

    @dlt.resource(name="peer_dlt", write_disposition="replace")
    def rows():  # noqa: ANN202
        for batch in csv.open_csv(file, convert_options=options):
            yield pa.Table.from_batches([batch]).rename_columns([f"c{n}" for n in range(batch.num_columns)])

    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "peer", pipelines_dir=folder, destination=dlt.destinations.postgres(uri), dataset_name="peers"
        )
        began = time.perf_counter()
        pipeline.run(rows(), loader_file_format="parquet").raise_on_failed_jobs()
        print(time.perf_counter() - began)


if __name__ == "__main__":
    main()

"""What surrounds a dbt build: whether one is needed, that only one runs, what it left behind, its documentation."""

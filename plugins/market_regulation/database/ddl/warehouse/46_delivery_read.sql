-- Deliveries that a model of dbt has taken in; written with it, in its transaction. Its rows are what is known now, or what
-- another delivery said of the same party, so that they do not tell which deliveries they came from.
create table if not exists quality.delivery_read (
    read_by     text not null,
    delivery_id bigint not null,
    read_at     timestamptz not null default now(),
    primary key (read_by, delivery_id)
);

grant select, insert on quality.delivery_read to transformer;

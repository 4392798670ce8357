-- Deliveries that a model of dbt has taken in; written with it, in its transaction. Its rows do not tell, for not every
-- delivery leaves one: what it says of a key may be what another delivery said before.
create table if not exists quality.delivery_read (
    read_by     text not null,
    delivery_id bigint not null,
    read_at     timestamptz not null default now(),
    primary key (read_by, delivery_id)
);

grant select, insert, delete on quality.delivery_read to transformer;

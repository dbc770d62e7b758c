-- A key leads its index: keys that grow with time (UUIDv7, ULIDs, order numbers) fill it from the end, whoever sent them.
alter table idempotency_keys drop constraint idempotency_keys_pkey;
alter table idempotency_keys add primary key (key, caller, operation);

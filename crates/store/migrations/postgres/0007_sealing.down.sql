drop table person_keys;
drop table installation_keys;

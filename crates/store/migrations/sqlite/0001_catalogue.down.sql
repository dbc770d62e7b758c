drop table slots;
drop table offerings;
drop table pools;
drop table venues;
drop table catalogue_state;
drop table installation;

/* src/store/kv_table.c - the tables of the store */
#include "kv_table.h"

#define TABLE_FILE(name, file) file ".db",
static const char *const table_file[KV_TABLE_COUNT] = {KV_TABLES(TABLE_FILE)};
#undef TABLE_FILE

const char *
kv_table_file(enum kv_table table)
{
	return table_file[table];
}

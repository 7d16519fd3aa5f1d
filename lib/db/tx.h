/* tx.h: transactions, and the way out of them. */
#ifndef AMP_DB_TX_H
#define AMP_DB_TX_H

#include "base/ctx.h"

/* Runs work(c, arg) inside a transaction and commits if it returns NULL, else rolls back and passes
 * its error on. After a deadlock or failed certification it is run again, up to 5 times with a
 * short random pause, and once more if the connection was lost before the COMMIT; so it may touch
 * nothing but the database and what it can overwrite. A COMMIT whose answer was lost is not run
 * again: ERR_UNAVAILABLE, and nobody knows. READ COMMITTED. Transactions do not nest. */
error in_transaction(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg);

/* Runs work(c, arg) in a read-only transaction whose statements see one snapshot; it may be run
 * again as above. */
error in_snapshot(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg);

/* As in_transaction(), but REPEATABLE READ, where a SELECT … FOR UPDATE locks the gaps between the
 * rows of its range as well: until the end nobody puts a new one there. */
error in_locking_transaction(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg);

/* Inside a transaction: runs work(c, arg), and undoes what it wrote if it returns an error that it
 * may well return (below 500), which goes to *refused; the transaction goes on either way. Any
 * other error is passed on and ends the transaction. */
error in_savepoint(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg,
                   error *refused);

/* Leave to call the world outside; ends the process if a transaction is open. */
struct outside *leave(struct ctx *c);

#endif

/* mod_restart: takes up an upload with REST and STOR while HiddenStores is on.
 *
 * FEAT tells REST STREAM, and programs such as FileZilla then take up an upload with REST and
 * STOR instead of APPE. With HiddenStores mod_xfer refuses these with 501, as a hidden file
 * starts empty. An upload that is added to a file (APPE) is not hidden: this makes STOR after
 * REST one of these, which mod_xfer then writes from the position that REST named. */
#include "conf.h"

static off_t position; /* where the upload goes on; 0 for a whole one */

/* Runs before mod_xfer's, because modules that are loaded later come first. */
MODRET restart_pre_stor(cmd_rec *cmd) {
  position = session.restart_pos;
  session.restart_pos = 0;
  session.xfer.xfer_type = position > 0 ? STOR_APPEND : STOR_DEFAULT;
  return PR_DECLINED(cmd);
}

MODRET restart_stor(cmd_rec *cmd) {
  const char *path = pr_table_get(cmd->notes, "mod_xfer.store-path", NULL);
  struct stat st;

  if (position == 0) {
    return PR_DECLINED(cmd);
  }
  session.restart_pos = position;
  /* mod_xfer asks only when it has made an empty file where there was none. */
  pr_fs_clear_cache2(path);
  if (pr_fsio_stat(path, &st) < 0 || st.st_size < position) {
    session.restart_pos = 0;
    pr_response_add_err(R_554, "%s: shorter than the position that REST named", cmd->arg);
    return PR_ERROR(cmd);
  }
  return PR_DECLINED(cmd);
}

static cmdtable restart_commands[] = {
  { PRE_CMD, C_STOR, G_NONE, restart_pre_stor, FALSE, FALSE },
  { CMD, C_STOR, G_WRITE, restart_stor, TRUE, FALSE },
  { 0, NULL }
};

/* After the version of the interface and the name: directives, commands, authentication,
 * and what is called when the server and a session start, of which there is nothing. */
module restart_module = {
  NULL, NULL, 0x20, "restart", NULL, restart_commands, NULL, NULL, NULL, "mod_restart/1.0"
};

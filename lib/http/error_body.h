/* error_body.h: the body of every error. */
#ifndef AMP_HTTP_ERROR_BODY_H
#define AMP_HTTP_ERROR_BODY_H

#include "json/shape.h"

/* {"error":{"code":…,"message":…,"param":…,"doc_url":…,"request_id":…}} */
struct error_body {
    struct error_detail {
        int code; /* of the names of error.def, from 1 */
        struct str message, param, doc_url, request_id;
    } error;
};
extern const struct shape error_body_shape;

/* What clients see of an error; error_url is where codes are explained. */
struct error_body error_body_of(struct arena *a, error e, struct str error_url,
                                struct str request_id);

#endif

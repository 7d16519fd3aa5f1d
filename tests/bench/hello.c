/* hello.c: the bare FastCGI answer that everything else is measured against: same library, same
 * headers, a body of fixed size, and no work at all. It knows nothing of AMP. */
#include <fcgiapp.h>

int main(void)
{
    static const char answer[] = "Status: 200 OK\r\n"
                                 "Content-Type: application/json; charset=utf-8\r\n"
                                 "Cache-Control: no-store\r\n"
                                 "X-Content-Type-Options: nosniff\r\n"
                                 "\r\n"
                                 "{\"status\":\"ok\"}";
    FCGX_Request request;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
        return 1;
    while (FCGX_Accept_r(&request) == 0) {
        FCGX_PutStr(answer, (int)sizeof answer - 1, request.out);
        FCGX_Finish_r(&request);
    }
    return 0;
}

/* The algorithm itself: EVP would load openssl.cnf and all names of all algorithms first. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/opensslv.h>
#include <openssl/sha.h>

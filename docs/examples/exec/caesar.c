/* A filter: each letter becomes the one 13 places on. Build: cc -O2 -o caesar caesar.c */
#include <stdio.h>

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 1 << 16); /* each line leaves at once */
  for (int c; (c = getchar()) != EOF;) {
    if (c >= 'a' && c <= 'z') c = 'a' + (c - 'a' + 13) % 26;
    if (c >= 'A' && c <= 'Z') c = 'A' + (c - 'A' + 13) % 26;
    putchar(c);
  }
  return 0;
}

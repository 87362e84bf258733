/* string.h to the letter. */
#include <stdio.h>
#include <string.h>

#define SIGN(e) ((e) < 0 ? -1 : (e) > 0)

int main(void)
{
    char buffer[32], other[32], tokens[] = "  one, two;three ,,four";
    const char *text = "hello, world";
    char *token;

    memset(buffer, '#', sizeof(buffer)); memcpy(buffer, "abc", 3); printf("%.5s\n", buffer);
    memmove(buffer + 1, buffer, 4); printf("%.6s\n", buffer);
    memmove(buffer, buffer + 1, 4); printf("%.6s\n", buffer);
    printf("%d %d %d\n", SIGN(memcmp("abc", "abd", 3)), SIGN(memcmp("abc", "abd", 2)), SIGN(memcmp("\xff", "\x01", 1)));
    printf("%s %d\n", (char *)memchr(text, 'w', 12), memchr(text, 'z', 12) == NULL);
    printf("%d %d %d\n", (int)strlen(""), (int)strlen(text), (int)strlen("a\0b"));
    printf("%s\n", strcpy(buffer, text)); printf("%s\n", strcat(buffer, "!")); printf("%s\n", strncat(buffer, "abcdef", 2));
    memset(other, '#', sizeof(other)); strncpy(other, "hi", 5); printf("%d%d%d%c\n", other[2], other[3], other[4], other[5]);
    memset(other, '#', sizeof(other)); strncpy(other, "hello", 3); printf("%.4s\n", other);
    printf("%d %d %d %d\n", SIGN(strcmp("a", "b")), SIGN(strcmp("b", "a")), SIGN(strcmp("", "")), SIGN(strcmp("ab", "a")));
    printf("%d %d %d\n", SIGN(strncmp("abcx", "abcy", 3)), SIGN(strncmp("abcx", "abcy", 4)), SIGN(strncmp("a", "b", 0)));
    printf("%d\n", SIGN(strcmp("\x80", "\x7f")));
    printf("%s %s %d %s\n", strchr(text, 'o'), strrchr(text, 'o'), strchr(text, 'z') == NULL, strchr(text, '\0') == text + 12 ? "end" : "-");
    printf("%s %d %s\n", strstr(text, "wor"), strstr(text, "xyz") == NULL, strstr(text, "") == text ? "self" : "-");
    printf("%d %d %s\n", (int)strspn("aabbc", "ab"), (int)strcspn(text, ", "), strpbrk(text, "xwl"));
    printf("%d\n", strpbrk(text, "") == NULL);
    for (token = strtok(tokens, " ,;"); token != NULL; token = strtok(NULL, " ,;")) printf("<%s>", token);
    printf("\n%s\n", strerror(0) != NULL ? "message" : "-");
    printf("%d\n", (int)strxfrm(other, "abc", sizeof(other))); printf("%s %d\n", other, SIGN(strcoll("a", "b")));
    return 0;
}

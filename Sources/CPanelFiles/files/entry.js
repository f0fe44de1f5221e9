// The forms for people who are not logged in.

// The link that the server printed has its secret after `#`, where no server, proxy or log sees it.
const secret = document.querySelector("input[name=secret]");
if (secret) {
  secret.value = location.hash.slice(1);
  if (!secret.value) {
    secret.form.querySelector(".problem").textContent =
      "This address lacks the part after #; open the whole link that the server printed.";
  }
}

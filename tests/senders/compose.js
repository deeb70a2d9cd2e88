// Composes one mail with nodemailer and prints it raw. Input: a JSON object on stdin with
// message (nodemailer's own options), files: [{name, base64}] and, for a body in a charset
// other than UTF-8, body: {charset, base64}.
const nodemailer = require("nodemailer");

const spec = JSON.parse(require("fs").readFileSync(0, "utf8"));
const files = spec.files.map((f) => ({
  filename: f.name,
  content: Buffer.from(f.base64, "base64"),
}));
const body = spec.body && {
  alternatives: [
    {
      contentType: `text/plain; charset=${spec.body.charset}`,
      content: Buffer.from(spec.body.base64, "base64"),
    },
  ],
};
const transport = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "windows" });
transport.sendMail({ ...spec.message, ...body, attachments: files }, (error, info) => {
  if (error) throw error;
  process.stdout.write(info.message);
});

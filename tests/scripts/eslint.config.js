import js from '@eslint/js';

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-undef': 'off', // tsc knows every name
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
      'no-implied-eval': 'error',
      'no-eval': 'error',
      'max-len': ['error', { code: 100, ignoreStrings: true, ignoreTemplateLiterals: true }],
      'max-lines': ['error', 580],
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({
          property,
          message: 'text of a person reaches the page as text nodes alone',
        })),
      ],
    },
  },
];
